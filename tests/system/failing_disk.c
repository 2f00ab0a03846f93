/* A disk on which one call fails: of those that change something below the folder $FAILING, the n-th from fail_at on.
   cc -shared -fPIC -o failing_disk.so failing_disk.c -ldl, and then LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int left = -1, code, done;

void fail_at(int number, int error) { left = number, code = error, done = 0; }
int has_failed(void) { return done; }

static int fails(const char *path) {
    const char *folder = getenv("FAILING");
    if (left < 0 || !folder || strncmp(path, folder, strlen(folder)) || left-- > 0) return 0;
    errno = code;
    return done = 1;
}

static int file_fails(int file) {
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return fails(path);
}

#define OF_A_FILE(result, name, arguments, ...) \
    result name arguments { \
        result (*real) arguments = dlsym(RTLD_NEXT, #name); \
        return file_fails(file) ? -1 : real(__VA_ARGS__); \
    }
#define OF_A_PATH(name, arguments, path, ...) \
    int name arguments { \
        int(*real) arguments = dlsym(RTLD_NEXT, #name); \
        return fails(path) ? -1 : real(__VA_ARGS__); \
    }
#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return flags & O_CREAT && fails(path) ? -1 : real(path, flags, mode); \
    }

OF_A_FILE(ssize_t, write, (int file, const void *from, size_t length), file, from, length)
OF_A_FILE(ssize_t, writev, (int file, const struct iovec *from, int count), file, from, count)
OF_A_FILE(ssize_t, pwrite64, (int file, const void *from, size_t length, off64_t at), file, from, length, at)
int fsync(int file) { return file_fails(file) ? -1 : 0; } /* what takes long is left out */
OF_A_PATH(rename, (const char *from, const char *to), to, from, to)
OF_A_PATH(renameat, (int a, const char *from, int b, const char *to), to, a, from, b, to)
OF_A_PATH(link, (const char *from, const char *to), to, from, to)
OF_A_PATH(linkat, (int a, const char *from, int b, const char *to, int flags), to, a, from, b, to, flags)
OPENING(open)
OPENING(open64)
