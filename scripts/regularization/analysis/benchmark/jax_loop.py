"""The chapter's linear loop in JAX: all seeds and λ at once by `vmap`, compiled by `jit`, in float64 on the CPU."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.textbook import inputs
from regularization.training.tasks import batch_orders

Drawn = tuple[jax.Array, ...]

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)


def drawn(setting: LinearRegressionSetting, seeds: Sequence[int]) -> Drawn:
    """What every seed sees and starts from: samples, initial weights and the order of the samples in every epoch."""
    data = [inputs.linear_data(setting, seed) for seed in seeds]
    starts = [inputs.linear_parameters(setting, seed) for seed in seeds]
    orders = [batch_orders(seeds, setting.n_train, epoch) for epoch in range(1, setting.epochs + 1)]
    samples = [
        np.stack([np.asarray(getattr(one, part)[i]) for one in data]) for part in ("train", "test") for i in (0, 1)
    ]
    weights = [np.stack([start[i].detach().numpy() for start in starts]) for i in (0, 1)]
    return tuple(jnp.asarray(each) for each in (*samples, *weights, np.stack(orders, axis=1)))


def compiled(setting: LinearRegressionSetting, recorded: Sequence[int], lams: np.ndarray) -> Callable[[Drawn], Any]:
    """A function that trains every seed under every λ: losses (seeds, lams, epochs, 2), 0 if not recorded; weights."""
    is_recorded = jnp.isin(jnp.arange(1, setting.epochs + 1), jnp.asarray(recorded))

    def one_run(
        lam: jax.Array, x: jax.Array, y: jax.Array, test_x: jax.Array, test_y: jax.Array, *rest: jax.Array
    ) -> Any:
        *start, orders = rest

        def half_squares(parameters: Any, x: jax.Array, y: jax.Array) -> jax.Array:
            w, b = parameters
            return ((x @ w + b - y) ** 2).mean() / 2

        def objective(parameters: Any, x: jax.Array, y: jax.Array) -> jax.Array:
            return half_squares(parameters, x, y) + lam * (parameters[0] ** 2).sum() / 2

        def step(parameters: Any, batch: jax.Array) -> tuple[Any, None]:
            gradients = jax.grad(objective)(parameters, x[batch], y[batch])
            return [old - setting.learning_rate * slope for old, slope in zip(parameters, gradients)], None

        def losses(parameters: Any) -> jax.Array:
            return jnp.stack([half_squares(parameters, x, y), half_squares(parameters, test_x, test_y)])

        def epoch(parameters: Any, given: Any) -> tuple[Any, jax.Array]:
            order, evaluated = given
            parameters, _ = jax.lax.scan(step, parameters, order.reshape(-1, setting.batch_size))
            return parameters, jax.lax.cond(evaluated, losses, lambda _: jnp.zeros(2), parameters)

        return jax.lax.scan(epoch, list(start), (orders, is_recorded))

    of_all_lams = jax.vmap(one_run, in_axes=(0, *[None] * 7))
    of_all = jax.jit(jax.vmap(of_all_lams, in_axes=(None, *[0] * 7)))
    return lambda ready: jax.block_until_ready(of_all(jnp.asarray(lams), *ready))
