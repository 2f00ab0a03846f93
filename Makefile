# The two commands: `make` sets up, runs the study and makes the report; `make test` sets up and runs every test.
# Works with GNU make 3.81 and newer. What the targets run can be run by hand: see README.md.

CORES ?= all
# make PROFILE=slurm runs on a cluster; make PRESET=workflow/presets/full.yaml lays a preset over config.yaml.
PROFILE =
PRESET =
SEEDS = 0 200
WHERE = $(if $(PROFILE),--profile "$(PROFILE)",--cores $(CORES))
IN_ENVIRONMENT = PATH="$$PWD/.venv/bin:$$PATH"
# What a shell, a notebook or another workflow exports for itself is not meant for this study.
unexport CDPATH ENV BASH_ENV GREP_OPTIONS MPLBACKEND SNAKEMAKE_PROFILE
unexport PYTHONHOME PYTHONINSPECT PYTHONIOENCODING PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH PYTHONWARNINGS
export PYTHONUTF8 = 1

.PHONY: study plan smoke benchmark check test fuzz environment clean distclean help

study: environment ## set up, run the whole study of config.yaml and make the report (the default)
	@$(IN_ENVIRONMENT) python scripts/run_study.py $(WHERE) $(if $(PRESET),--preset $(PRESET))

plan: environment ## say what that would take: runs, jobs, minutes, disk, and what would be trained anew and why
	@$(IN_ENVIRONMENT) python scripts/run_study.py --plan $(WHERE) $(if $(PRESET),--preset $(PRESET))

smoke: environment ## the same in small, under results/smoke/, to see that everything works
	@$(IN_ENVIRONMENT) python scripts/run_study.py $(WHERE) --preset workflow/presets/smoke.yaml

benchmark: environment ## measure the speed on this machine: results/benchmark.csv, and a table in the report (4 min)
	@$(IN_ENVIRONMENT) snakemake benchmark --cores $(CORES) --forcerun benchmark $(if $(PRESET),--configfile $(PRESET))

check: environment ## style, types, workflow format, import contracts, links, unit tests: before every commit
	@$(IN_ENVIRONMENT) sh scripts/check.sh

test: environment ## run every test (PYTEST_ARGS="-m 'not slow'" leaves out the slow ones)
	@echo "Running every test; what is skipped is listed at the end with the reason."
	@$(IN_ENVIRONMENT) python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

fuzz: environment ## carry 200 random small studies to a report, each checked (SEEDS="FIRST NUMBER")
	@$(IN_ENVIRONMENT) SEEDS="$(SEEDS)" python -m pytest tests/test_random_studies.py -k random_study -v --tb=short

environment: ## create .venv from requirements.txt, where it is not complete
	@sh scripts/set_up.sh

clean: ## delete what the study and the tests generated; .venv stays
	@echo "Deleting results/ (but results/README.md), .snakemake/ and caches"
	@[ ! -d results ] || find results/ -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@awk '/^results:/ { sub(/^results: */, ""); sub(/ +#.*/, ""); \
	    if ($$0 != "results") print "What config.yaml has under results: " $$0 " stays; delete it by hand." }' config.yaml
	@rm -rf .snakemake .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find scripts tests report workflow -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and delete .venv too
	@echo "Deleting .venv/"
	@rm -rf .venv

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "With CORES=4        so many CPU cores; without it all"
	@echo "     PRESET=FILE    a configuration laid over config.yaml, such as workflow/presets/full.yaml"
	@echo "     PROFILE=slurm  on a cluster; or another folder of workflow/profiles"
	@echo "     PYTHON=PATH    set up with another interpreter; LOCK=no: without requirements.lock"
