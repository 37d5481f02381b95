"""Checks of the exercises in docs/checkpoints.md."""

import copy
import json
import random

from checking import case

from microgpt import GPT, Config, Tokenizer, model_state, restore_model


def checkpoint():
    """A small checkpoint, as `load` would return it, with a training."""
    config = Config(3, n_embd=2, n_head=1, block_size=3)
    model = GPT(config, random.Random(0))
    state = model_state(model, Tokenizer("ab"))
    zeros = [0.0] * len(model.params)
    rng = random.Random(1).getstate()
    training = {"m": zeros, "v": zeros, "t": 7, "step": 7, "random_state": rng}
    return {**state, "training": training}


def writing(answers):
    state, before = checkpoint(), checkpoint()
    fields = sorted(set(state) - {"training"})
    yield case(
        "the fields of for_writing(state)",
        lambda: sorted(answers.for_writing(checkpoint())),
        fields,
    )

    def numbers():
        model, _ = restore_model(answers.for_writing(checkpoint()))
        return [p.data for p in model.params] == [
            p.data for p in restore_model(before)[0].params
        ]

    yield case("does restore_model give the same numbers?", numbers, True)

    def unchanged():
        answers.for_writing(state)
        return state == before

    yield case("is the dictionary that was given unchanged?", unchanged, True)


def changed(state, change):
    """A deep copy of a dictionary after a change."""
    found = copy.deepcopy(state)
    change(found)
    return found


def seal(answers):
    state = checkpoint()

    def whole(change=lambda found: None):
        return answers.is_whole(changed(answers.sealed(checkpoint()), change))

    yield case("is_whole(sealed(state))", whole, True)

    def unchanged():
        answers.sealed(state)
        return state == checkpoint()

    yield case("is the dictionary that was given unchanged?", unchanged, True)
    yield case("is_whole(state), never sealed", lambda: answers.is_whole(state), False)

    def through_json():
        return answers.is_whole(json.loads(json.dumps(answers.sealed(state))))

    yield case("is_whole after json.dumps and json.loads", through_json, True)

    def backwards():
        found = answers.sealed(state)
        return answers.is_whole({name: found[name] for name in reversed(found)})

    yield case("is_whole with the fields in reversed order", backwards, True)

    def last_bit(found):
        row = found["state_dict"]["wte"][0]
        row[0] += abs(row[0]) * 2**-50

    yield case(
        "is_whole after a change in the last bits", lambda: whole(last_bit), False
    )

    def exchange(found):
        row = found["state_dict"]["wte"][0]
        row[0], row[1] = row[1], row[0]

    yield case(
        "is_whole after two numbers changed places", lambda: whole(exchange), False
    )
    yield case(
        "is_whole after a change of the letters",
        lambda: whole(lambda found: found.update(chars="ac")),
        False,
    )
    yield case(
        "is_whole after a change in the training",
        lambda: whole(lambda found: found["training"].update(t=8)),
        False,
    )
    yield case(
        "is_whole with one field more",
        lambda: whole(lambda found: found.update(more=1)),
        False,
    )
