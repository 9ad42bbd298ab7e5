"""Blocks of a network and their sizes; profiles of well-known backbones."""

from core.backbones.backbone import Backbone, Block
from core.backbones.builder import Builder
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.backbones.profile_file import profile_document, read_profile, write_profile

__all__ = [
    "Backbone",
    "Block",
    "Builder",
    "bundled_backbones",
    "load_backbone",
    "profile_document",
    "read_profile",
    "write_profile",
]
