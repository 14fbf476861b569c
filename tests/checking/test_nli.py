import numpy as np
import pytest

from rag import wiring
from rag.checking.encoder import EncoderJudge
from rag.checking.nli import InferenceModel, columns
from rag.config import CheckingConfig, Config
from rag.errors import ConfigFault, ModelFault
from rag.generation.reader import ScriptedReader
from rag.types import Quote

QUOTES = [Quote(1, "The bridge was opened on 4 May 1931.", "memory:a", "", "", 0, 36)]


@pytest.mark.parametrize(
    ("labels", "row", "shares"),
    [
        ({0: "entailment", 1: "neutral", 2: "contradiction"}, [9.0, 0.0, 0.0], (1, 0, 0)),
        ({0: "CONTRADICTION", 1: "ENTAILMENT", 2: "NEUTRAL"}, [9.0, 0.0, 0.0], (0, 1, 0)),
        ({0: "SUPPORTS", 1: "REFUTES", 2: "NOT ENOUGH INFO"}, [0.0, 0.0, 9.0], (0, 0, 1)),
        ({0: "entailment", 1: "not_entailment"}, [0.0, 9.0], (0, 0, 1)),
        ({0: "LABEL_0", 1: "LABEL_1"}, [0.0, 9.0], (1, 0, 0)),
        ({0: "hallucinated", 1: "consistent"}, [9.0, 0.0], (0, 0, 1)),
        ({0: "LABEL_0"}, [9.0], (1, 0, 0)),
        ({0: "LABEL_0"}, [-9.0], (0, 0, 1)),
    ],
)
def test_a_models_own_labels_say_what_its_outputs_mean(labels, row, shares):
    found = columns("m", labels, len(labels))(np.array(row))
    assert (found.supported, found.contradicted, found.not_enough) == pytest.approx(shares, abs=0.01)


@pytest.mark.parametrize(
    "labels",
    [{0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, {0: "positive", 1: "negative"}, {0: "entailment", 1: "joy", 2: "no"}],
)
def test_labels_that_do_not_say_which_is_supported_are_refused(labels):
    with pytest.raises(ModelFault, match=r"checking\.model"):
        columns("m", labels, len(labels))


def test_a_judge_that_is_to_be_a_model_needs_one_named():
    config = Config(checking=CheckingConfig(judge="model"))
    with pytest.raises(ConfigFault, match=r"checking\.model names none"):
        wiring.judge(config, ScriptedReader())


@pytest.fixture
def tiny(tmp_path):
    """A classifier of 20 words with random weights, saved as hub models are."""
    pytest.importorskip("sentence_transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from torch import manual_seed
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", "4", "1931", "the", "bridge", "was", "opened", "on", "may", "it"]
    words += ["cost", "nine", "crowns", "a", "ferry"]
    backend = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, "[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=24,
    )  # fmt: skip
    manual_seed(3)
    made = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24, num_labels=3, id2label={0: "entailment", 1: "neutral", 2: "contradiction"},
        label2id={"entailment": 0, "neutral": 1, "contradiction": 2},
    )  # fmt: skip
    BertForSequenceClassification(made).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return str(tmp_path)


def test_a_named_model_gives_verdicts_and_the_same_ones_again(tiny):
    config = Config(checking=CheckingConfig(judge="model", model=tiny))
    judge = wiring.judge(config, ScriptedReader())
    verdict = judge.judge(QUOTES, "The bridge was opened in 1931.", "en")
    assert verdict == judge.judge(QUOTES, "The bridge was opened in 1931.", "en")
    assert verdict.judge == tiny and verdict.probability is not None and 0 <= verdict.probability <= 1
    assert judge.judge([], "Anything.", "en").label == "unsupported"


def test_three_shares_add_up_and_long_evidence_is_read_in_windows(tiny):
    model = InferenceModel(tiny, "cpu")
    found = model.entails(["The bridge was opened."], "It cost nine crowns.")
    assert found.supported + found.contradicted + found.not_enough == pytest.approx(1.0)
    parts = ["The bridge was opened on 4 may 1931.", "It cost nine crowns.", "A ferry was on it.", "The ferry cost it."]
    whole = model.entails(parts, "It cost nine crowns.")
    windows = model._windows("\n".join(parts), "It cost nine crowns.")
    assert len(windows) > 1 and all(any(part in window for window in windows) for part in parts)
    each = [model.entails([window], "It cost nine crowns.") for window in windows]
    assert whole.supported == pytest.approx(
        max(each, key=lambda one: max(one.supported, one.contradicted)).supported, abs=1e-5
    )


def test_a_model_that_is_not_there_is_a_fault_that_names_the_setting(tmp_path):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(ModelFault, match=r"checking\.model"):
        InferenceModel(str(tmp_path / "nowhere"))


def test_without_the_packages_the_remedy_is_named():
    try:
        import sentence_transformers  # noqa: F401
    except ImportError:
        judge = EncoderJudge(lambda: InferenceModel("any/model"), 0.5)
        with pytest.raises(ModelFault, match=r"pip install -r requirements\.txt"):
            judge.judge(QUOTES, "Anything.", "en")
    else:
        pytest.skip("the full set is installed")
