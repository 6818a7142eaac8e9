"""Training of the network, with TensorFlow: only here, so that nothing else needs it."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from boussole.understanding.heads import Array, Head, Task, targets, width
from boussole.understanding.network import BUCKETS, MOST_PIECES, SEEN, SPANS, Network, pieces, tokens, usual_forms
from boussole.understanding.vectors import load_vectors, word_vector

# Sizes and schedule: chosen on files of data/ left out of the training (docs/adr/0010).
OWN, PIECE = 96, 64
# Of what the three parts of a word are mixed into: what the filters read.
WIDE = 160
FILTERS = 160
EPOCHS = 7
BATCH = 128
RATE = 2e-3
LAST_RATE = 0.05
DROPPED_WORDS, DROPPED_INPUT, DROPPED_FEATURES = 0.1, 0.2, 0.5
# Rare classes weigh more, by the square root of how rare they are, up to this.
MOST_WEIGHT = 5.0
# Heads whose classes hold each on its own have one loss for each class.
EACH_CLASS = 1.5

Tensor = Any


def train_network(
    texts: Sequence[str], questions: Sequence[str | None], tasks: Mapping[str, Task], heads: Mapping[str, Head]
) -> Network:
    """Return a network trained on ``texts``; the same texts give the same network.

    Args:
        texts: as people typed them.
        questions: the question that stands before each text, or None.
        tasks: what to learn.
        heads: the columns of the tasks' classes.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.keras.utils.set_random_seed(0)
    chance = np.random.default_rng(0)
    read = [tokens(text, question) for text, question in zip(texts, questions, strict=True)]
    forms = usual_forms(texts)
    seen = Counter(word for words in read for word in set(words))
    vocabulary = sorted(seen)
    frequent = [word for word in vocabulary if seen[word] >= SEEN]
    places = {word: place for place, word in enumerate(frequent)}
    number = {word: index for index, word in enumerate(vocabulary, 1)}
    inputs = _Inputs(tf, vocabulary, places, forms)
    weights = _start(tf, len(frequent), width(heads))
    truth, known = targets(tasks, heads, len(texts))
    rarity = _rarity(truth, known)
    variables = list(weights.values())
    optimiser = tf.keras.optimizers.legacy.Adam(RATE)
    shape = tf.TensorSpec([None, None], tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32), shape, shape], autograph=False)
    def learn(batch: Tensor, right: Tensor, labelled: Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = _loss(tf, heads, _scores(tf, inputs, weights, batch), right, labelled, rarity)
        optimiser.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    sequences = [np.array([number[word] for word in words], np.int32) for words in read]
    batches = list(_batches(sequences, chance))
    for step, rows in enumerate(batches):
        optimiser.learning_rate = RATE * max(LAST_RATE, 1 - step / len(batches))
        learn(tf.constant(_padded([sequences[row] for row in rows])), truth[rows], known[rows])
    return Network(heads, places, forms, {name: variable.numpy() for name, variable in weights.items()})


class _Inputs:
    """What is fixed about each word of the vocabulary; row 0 stands for the padding."""

    def __init__(self, tf: Any, vocabulary: Sequence[str], places: Mapping[str, int], forms: Mapping[str, str]) -> None:
        size = len(vocabulary) + 1
        static = np.zeros((size, load_vectors().vectors_length), np.float32)
        rows = np.zeros((size, MOST_PIECES), np.int32)
        shares = np.zeros((size, MOST_PIECES, 1), np.float32)
        own = np.zeros(size, np.int32)
        frequent = np.zeros((size, 1), np.float32)
        for index, word in enumerate(vocabulary, 1):
            vector = word_vector(forms.get(word, word), word)
            if vector is not None:
                static[index] = vector
            found = pieces(word)
            rows[index, : len(found)] = found
            shares[index, : len(found)] = 1 / len(found)
            if word in places:
                own[index], frequent[index] = places[word], 1.0
        self.static, self.pieces, self.shares = tf.constant(static), tf.constant(rows), tf.constant(shares)
        self.own, self.frequent = tf.constant(own), tf.constant(frequent)


def _start(tf: Any, frequent: int, columns: int) -> dict[str, Any]:
    """Return the weights before training."""
    glorot = tf.keras.initializers.GlorotUniform(seed=0)
    small = tf.keras.initializers.RandomNormal(stddev=0.05, seed=0)
    weights = {
        "words": tf.Variable(small((frequent, OWN))),
        "mix": tf.Variable(glorot((OWN + load_vectors().vectors_length + PIECE, WIDE))),
        "pieces": tf.Variable(small((BUCKETS, PIECE))),
        "output": tf.Variable(glorot((len(SPANS) * FILTERS + WIDE, columns))),
        "output_bias": tf.Variable(tf.zeros(columns)),
    }
    for span in SPANS:
        weights[f"kernel_{span}"] = tf.Variable(glorot((span, WIDE, FILTERS)))
        weights[f"bias_{span}"] = tf.Variable(tf.zeros(FILTERS))
    return weights


def _scores(tf: Any, inputs: _Inputs, weights: Mapping[str, Any], batch: Tensor) -> Tensor:
    """Return the score of each class, as :meth:`Network.predict` computes it, with parts left out at random."""
    present = tf.cast(batch > 0, tf.float32)[..., None]
    kept = tf.cast(tf.random.uniform(tf.shape(batch)) > DROPPED_WORDS, batch.dtype)
    numbers, index = tf.unique(tf.reshape(batch * kept, [-1]))
    # Each word of the batch is described once.
    own = tf.gather(weights["words"], tf.gather(inputs.own, numbers)) * tf.gather(inputs.frequent, numbers)
    shares = tf.gather(inputs.shares, numbers)
    spelled = tf.reduce_sum(tf.gather(weights["pieces"], tf.gather(inputs.pieces, numbers)) * shares, 1)
    described = tf.concat([own, tf.gather(inputs.static, numbers), spelled], 1) @ weights["mix"]
    words = tf.reshape(tf.gather(described, index), [*tf.unstack(tf.shape(batch)), described.shape[1]]) * present
    words = tf.nn.dropout(words, DROPPED_INPUT)
    parts = []
    for span in SPANS:
        response = tf.nn.conv1d(words, weights[f"kernel_{span}"], 1, "SAME") + weights[f"bias_{span}"]
        parts.append(tf.reduce_max(tf.nn.relu(response) * present, 1))
    parts.append(tf.reduce_sum(words, 1) / tf.sqrt(tf.reduce_sum(present, 1)))
    features = tf.nn.dropout(tf.concat(parts, 1), DROPPED_FEATURES)
    return features @ weights["output"] + weights["output_bias"]


def _loss(tf: Any, heads: Mapping[str, Head], scores: Tensor, truth: Tensor, known: Tensor, rarity: Array) -> Tensor:
    """Return the mean loss of a batch; what is not labelled costs nothing."""
    total = 0.0
    for head in heads.values():
        here, right, labelled, weight = (one[..., head.columns] for one in (scores, truth, known, rarity))
        if head.exclusive:
            loss = tf.nn.softmax_cross_entropy_with_logits(right, here)
            total += tf.reduce_sum(loss * labelled[:, 0] * tf.reduce_sum(right * weight, 1))
        else:
            loss = tf.nn.weighted_cross_entropy_with_logits(right, here, weight)
            total += tf.reduce_sum(loss * labelled) * EACH_CLASS
    return total / tf.cast(tf.shape(scores)[0], tf.float32)


def _rarity(truth: Array, known: Array) -> Array:
    """Return the weight of each class."""
    held = (truth * known).sum(axis=0)
    odds = (known.sum(axis=0) - held) / np.maximum(held, 1.0)
    return np.clip(np.sqrt(odds), 1.0, MOST_WEIGHT).astype(np.float32)


def _batches(sequences: Sequence[Array], chance: np.random.Generator) -> Iterator[Array]:
    """Yield the rows of each batch, over all epochs: texts of about the same length together, to pad little."""
    lengths = np.log2([len(sequence) for sequence in sequences]) * 2
    for _ in range(EPOCHS):
        blurred = np.round(lengths + chance.random(len(sequences)) * 0.5)
        order = np.lexsort((chance.random(len(sequences)), blurred))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        chance.shuffle(batches)
        yield from batches


def _padded(sequences: Sequence[Array]) -> Array:
    matrix = np.zeros((len(sequences), max(map(len, sequences))), np.int32)
    for row, sequence in enumerate(sequences):
        matrix[row, : len(sequence)] = sequence
    return matrix
