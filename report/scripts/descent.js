// The linear experiment's arithmetic: minibatch SGD on y = b* + Σ w*xᵢ + ε, run by run and, for the same inputs and batches,
// averaged exactly over the initial weights and the noise. A task is { lam, learningRate, batchSize, trueWeight, trueBias,
// noiseStd, initStd }; draws are { x: n rows of d inputs, noise: n, w0: d, order: the samples of every epoch }, all of unit
// variance. Both yield what there is before the first epoch and after every one, until a number leaves the machine's range.

function sgd(draws, task) { return [...descent(draws, task)]; }

// The gradient is affine in the weights: what is left of the start, what is learnt of the signal and of the noise are
// trained side by side, each with its own targets, and the weights are their sum.
function* descent({ x, noise, w0, order }, task) {
  const d = w0.length;
  const decay = 1 - task.learningRate * task.lam;
  const [start, signal, learnt] = [Float64Array.from(w0, (value) => task.initStd * value), new Float64Array(d), new Float64Array(d)];
  const bias = [0, 0, 0];
  const truth = x.map((row) => task.trueBias + task.trueWeight * sum(row));
  const errors = (i) => {
    let [ofStart, ofSignal, ofNoise] = bias;
    for (let j = 0; j < d; j += 1) {
      ofStart += x[i][j] * start[j];
      ofSignal += x[i][j] * signal[j];
      ofNoise += x[i][j] * learnt[j];
    }
    return [ofStart, ofSignal - truth[i], ofNoise - task.noiseStd * noise[i]];
  };
  const state = (epoch) => {
    let [initialisation, missed, fitted, cross, norm] = [0, 0, 0, 0, 0];
    for (let j = 0; j < d; j += 1) {
      const short = signal[j] - task.trueWeight;
      initialisation += start[j] ** 2;
      missed += short ** 2;
      fitted += learnt[j] ** 2;
      cross += 2 * (start[j] * short + start[j] * learnt[j] + short * learnt[j]);
      norm += (start[j] + signal[j] + learnt[j]) ** 2;
    }
    const intercept = (sum(bias) - task.trueBias) ** 2;
    const floor = task.noiseStd ** 2;
    return {
      epoch, initialisation, signal: missed, noise: fitted, cross, intercept, floor,
      test: initialisation + missed + fitted + cross + intercept + floor,
      train: sum(x.map((_, i) => sum(errors(i)) ** 2)) / x.length,
      norm: Math.sqrt(norm),
    };
  };
  yield state(0);
  for (let epoch = 1; epoch <= order.length; epoch += 1) {
    for (const batch of batches(order[epoch - 1], task.batchSize)) {
      const found = batch.map(errors);
      const rate = task.learningRate / batch.length;
      for (let j = 0; j < d; j += 1) {
        let [ofStart, ofSignal, ofNoise] = [0, 0, 0];
        batch.forEach((i, at) => {
          ofStart += x[i][j] * found[at][0];
          ofSignal += x[i][j] * found[at][1];
          ofNoise += x[i][j] * found[at][2];
        });
        start[j] = decay * start[j] - rate * ofStart;
        signal[j] = decay * signal[j] - rate * ofSignal;
        learnt[j] = decay * learnt[j] - rate * ofNoise;
      }
      bias.forEach((_, part) => { bias[part] -= rate * sum(found.map((error) => error[part])); });
    }
    const now = state(epoch);
    if (!Number.isFinite(now.test + now.train)) { return; }
    yield now;
  }
}

// In the coordinates of n directions that span the inputs, X = LQᵀ with L triangular, the parameters are linear in the n
// coordinates of w₀ there and in the n noises: a matrix of parameters × (start, noise, signal) goes through the same steps.
// Beyond the inputs' span w₀ only shrinks. Needs fewer samples than inputs, linearly independent.
function* expectation({ x, w0, order }, task) {
  const [n, d] = [x.length, w0.length];
  const { rows, ones } = triangular(x);
  const width = 2 * n + 1; // columns: start, noise, signal
  const truth = x.map((row) => task.trueBias + task.trueWeight * sum(row));
  const [start, noise] = [task.initStd ** 2, task.noiseStd ** 2];
  const unseenOnes = d - sum(ones.map((one) => one * one));
  const response = Array.from({ length: n }, (_, r) => { const row = new Float64Array(width); row[r] = 1; return row; });
  const bias = new Float64Array(width);
  let left = 1; // of w₀ beyond the inputs' span
  const errors = (i) => {
    const error = bias.slice();
    for (let r = 0; r <= i; r += 1) { add(error, rows[i][r], response[r]); }
    error[n + i] -= 1;
    error[2 * n] -= truth[i];
    return error;
  };
  const squares = (row) => [start * squared(row, 0, n), noise * squared(row, n, 2 * n)];
  const state = (epoch) => {
    const parts = response.map(squares);
    const [initialisation, fitted] = [sum(parts.map((one) => one[0])) + start * (d - n) * left * left, sum(parts.map((one) => one[1]))];
    const missed = sum(response.map((row, r) => (row[2 * n] - task.trueWeight * ones[r]) ** 2)) + task.trueWeight ** 2 * unseenOnes;
    const intercept = sum(squares(bias)) + (bias[2 * n] - task.trueBias) ** 2;
    return {
      epoch, initialisation, signal: missed, noise: fitted, cross: 0, intercept, floor: noise,
      test: initialisation + missed + fitted + intercept + noise,
      train: sum(x.map((_, i) => { const error = errors(i); return sum(squares(error)) + error[2 * n] ** 2; })) / n,
      norm: Math.sqrt(initialisation + fitted + sum(response.map((row) => row[2 * n] ** 2))),
    };
  };
  yield state(0);
  for (let epoch = 1; epoch <= order.length; epoch += 1) {
    for (const batch of batches(order[epoch - 1], task.batchSize)) {
      const found = batch.map(errors);
      const decay = 1 - task.learningRate * task.lam;
      const rate = task.learningRate / batch.length;
      left *= decay;
      response.forEach((row, r) => {
        for (let column = 0; column < width; column += 1) { row[column] *= decay; }
        batch.forEach((i, at) => { if (r <= i) { add(row, -rate * rows[i][r], found[at]); } });
      });
      found.forEach((error) => add(bias, -rate, error));
    }
    const now = state(epoch);
    if (!Number.isFinite(now.test + now.train)) { return; }
    yield now;
  }
}

// L of X = LQᵀ, by Cholesky from XXᵀ, and (1, …, 1) in the coordinates of Q.
function triangular(x) {
  const rows = x.map(() => new Float64Array(x.length));
  const ones = [];
  x.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) {
      const rest = dot(row, x[j]) - dot(rows[i].subarray(0, j), rows[j]);
      rows[i][j] = i === j ? Math.sqrt(rest) : rest / rows[j][j];
    }
    ones.push((sum(row) - dot(rows[i].subarray(0, i), ones)) / rows[i][i]);
  });
  return { rows, ones };
}

function batches(order, size) {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, at) => order.slice(at * size, (at + 1) * size));
}

function sum(values) { return values.reduce((total, value) => total + value, 0); }

function dot(a, b) { return a.reduce((total, value, i) => total + value * b[i], 0); }

function squared(values, from, to) {
  let total = 0;
  for (let i = from; i < to; i += 1) { total += values[i] * values[i]; }
  return total;
}

function add(to, factor, values) {
  for (let i = 0; i < to.length; i += 1) { to[i] += factor * values[i]; }
}

// Draws of the page's own: every purpose has its stream, so that more samples or another λ leave the others as they are.
function randomDraws(seed, n, d, epochs) {
  const inputs = normals(seed, 1);
  const [noise, weights, shuffle] = [normals(seed, 2), normals(seed, 3), uniforms(seed, 4)];
  return {
    x: Array.from({ length: n }, () => Float64Array.from({ length: d }, inputs)),
    noise: Array.from({ length: n }, noise),
    w0: Float64Array.from({ length: d }, weights),
    order: Array.from({ length: epochs }, () => {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i -= 1) {
        const j = Math.floor(shuffle() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    }),
  };
}

// Box and Muller's standard normals.
function normals(seed, stream) {
  const uniform = uniforms(seed, stream);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

// PCG's output permutation on a 32-bit congruential generator (O'Neill 2014), in [0, 1).
function uniforms(seed, stream) {
  let state = 0;
  const next = () => {
    const old = state;
    state = (Math.imul(old, 747796405) + 2 * stream + 1) >>> 0;
    const word = Math.imul((old >>> ((old >>> 28) + 4)) ^ old, 277803737) >>> 0;
    return ((word >>> 22) ^ word) >>> 0;
  };
  next();
  state = (state + Math.imul(seed, 2654435761)) >>> 0;
  next();
  return () => next() / 2 ** 32;
}
