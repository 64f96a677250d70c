"""Fit small linear models by L-BFGS: a softmax over labels, and a ranking over candidates. Deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


def _vocabulary(rows, least):
    counts = Counter(name for row in rows for name in row)
    return {name: n for n, name in enumerate(sorted(name for name, count in counts.items() if count >= least))}


def _matrix(rows, vocabulary):
    columns, data, starts = [], [], [0]
    for row in rows:
        # In order: sums of floats depend on it, and a fit that stops early on those.
        for name, value in sorted(row.items() if isinstance(row, dict) else dict.fromkeys(row, 1.0).items()):
            column = vocabulary.get(name)
            if column is not None:
                columns.append(column)
                data.append(value)
        starts.append(len(columns))
    return csr_matrix((data, columns, starts), shape=(len(rows), len(vocabulary)))


def fit_classifier(rows: Sequence[Sequence[str]], labels: Sequence[str], *, l2=1.0, least=3, weights=None, steps=120):
    """The JSON form of a classifier; ``weights`` gives each example its weight."""
    names = sorted(set(labels))
    vocabulary = _vocabulary((set(row) for row in rows), least)
    x = _matrix(rows, vocabulary)
    y = np.array([names.index(label) for label in labels])
    w = np.ones(len(rows)) if weights is None else np.asarray(weights, float)
    count, width = len(names), len(vocabulary)
    onehot = np.zeros((len(rows), count))
    onehot[np.arange(len(rows)), y] = 1

    def loss(flat):
        theta, bias = flat[: width * count].reshape(width, count), flat[width * count :]
        z = x @ theta + bias
        z -= z.max(1, keepdims=True)
        p = np.exp(z)
        p /= p.sum(1, keepdims=True)
        value = -(w * np.log(p[np.arange(len(y)), y] + 1e-300)).sum() + 0.5 * l2 * (theta**2).sum()
        d = (p - onehot) * w[:, None]
        return value, np.concatenate([(x.T @ d + l2 * theta).ravel(), d.sum(0)])

    flat = minimize(loss, np.zeros((width + 1) * count), jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    theta, bias = flat[: width * count].reshape(width, count), flat[width * count :]
    kept = {
        name: [round(float(v), 3) for v in theta[n]] for name, n in vocabulary.items() if abs(theta[n]).max() > 0.02
    }
    return {"labels": names, "bias": [round(float(v), 3) for v in bias], "weights": kept}


def fit_ranker(groups: Sequence[Sequence[dict]], chosen: Sequence[int], *, l2=1.0, least=3, steps=150):
    """The JSON form of a ranker: each group's candidates beside one another, ``chosen`` the right one's place."""
    rows = [row for group in groups for row in group]
    vocabulary = _vocabulary(rows, least)
    x = _matrix(rows, vocabulary)
    sizes = np.array([len(group) for group in groups])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    right = starts + np.array(chosen)
    owner = np.repeat(np.arange(len(groups)), sizes)
    target = np.zeros(len(rows))
    target[right] = 1

    def loss(theta):
        z = x @ theta
        z = z - np.maximum.reduceat(z, starts)[owner]
        e = np.exp(z)
        p = e / np.add.reduceat(e, starts)[owner]
        value = -np.log(p[right] + 1e-300).sum() + 0.5 * l2 * (theta**2).sum()
        return value, x.T @ (p - target) + l2 * theta

    theta = minimize(loss, np.zeros(len(vocabulary)), jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    return {"weights": {name: round(float(theta[n]), 3) for name, n in vocabulary.items() if abs(theta[n]) > 0.02}}
