"""The default model as an ordinary sentence-transformers folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from rag.models.packed_model import PackedModel


def write_model_folder(model: PackedModel, folder: Path) -> None:
    """Write ``model`` as a folder that ``SentenceTransformer(folder)`` loads."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(v) for name, v in model.weights.items()}
    save_file(contiguous, folder / "model.safetensors", {"format": "pt"})
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    (folder / "2_Normalize").mkdir()
    for name, content in {**_model_files(model), **_pipeline_files(model)}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _model_files(model: PackedModel) -> dict[str, Any]:
    """What the model and its tokenizer are."""
    special = {
        "bos_token": model.pieces[model.first_id][0],
        "eos_token": model.pieces[model.last_id][0],
        "cls_token": model.pieces[model.first_id][0],
        "sep_token": model.pieces[model.last_id][0],
        "pad_token": model.pieces[model.padding_id][0],
        "unk_token": model.pieces[model.unknown_id][0],
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": model.hidden_size,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.feed_forward_size,
            "vocab_size": model.vocabulary_size,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.token_types,
            "layer_norm_eps": model.layer_norm_epsilon,
            "hidden_act": "gelu",
            "pad_token_id": model.padding_id,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            **special,
        },
    }


def _pipeline_files(model: PackedModel) -> dict[str, Any]:
    """What is done with the model: mean of tokens, length 1."""
    return {
        "modules.json": [
            {
                "idx": 0,
                "name": "0",
                "path": "",
                "type": "sentence_transformers.models.Transformer",
            },
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": "sentence_transformers.models.Pooling",
            },
            {
                "idx": 2,
                "name": "2",
                "path": "2_Normalize",
                "type": "sentence_transformers.models.Normalize",
            },
        ],
        # The pooling layer that BertModel adds by default has no weights here.
        "sentence_bert_config.json": {
            "max_seq_length": model.positions,
            "model_args": {"add_pooling_layer": False},
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden_size,
            "pooling_mode_mean_tokens": True,
        },
    }


def _tokenizer(model: PackedModel) -> Any:
    """The Unigram tokenizer with the template ``<s> $A </s>``."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
    from tokenizers.pre_tokenizers import Metaspace, Sequence, WhitespaceSplit

    tokenizer = Tokenizer(models.Unigram(list(model.pieces), unk_id=model.unknown_id))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = Sequence(
        [WhitespaceSplit(), Metaspace(replacement="▁", prepend_scheme="always")]
    )
    first, last = model.pieces[model.first_id][0], model.pieces[model.last_id][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, model.first_id), (last, model.last_id)],
    )
    tokenizer.decoder = decoders.Metaspace()
    special_ids = (model.first_id, model.padding_id, model.last_id, model.unknown_id)
    tokenizer.add_special_tokens(
        [AddedToken(model.pieces[number][0], special=True) for number in special_ids]
    )
    return tokenizer
