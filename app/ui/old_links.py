"""Links of earlier versions, which held labels, and the codes that replace them.

Current labels are recognised without being listed here. When a page changes a label,
add the earlier one here, so that no link breaks.
"""

from collections.abc import Mapping

# Key of a control → earlier names in the URL.
OLD_NAMES: Mapping[str, tuple[str, ...]] = {
    "overview_section": ("part",),
    "budget_section": ("details",),
    "affinity_section": ("affinity_part",),
    "branching_section": ("branching",),
    "storage_section": ("storage",),
}

# Key of a control → text in the URL → code.
OLD_CODES: Mapping[str, Mapping[str, str]] = {
    "overview_section": {"What to share": "share", "Your own case": "own"},
    "budget_section": {
        "Best layouts": "best",
        "Compare pinned": "compare",
        "Predicted and trained": "evaluation",
        "judged": "evaluation",
        "How sure": "confidence",
        "sure": "confidence",
        "Whole front": "front",
    },
    "affinity_section": {
        "Table": "table",
        "Step through a tournament": "tournament",
        "Pictures that differ": "pictures",
        "Second source": "sources",
    },
    "branching_section": {
        "Why split here?": "why",
        "Cost per depth": "depths",
        "How sure": "confidence",
        "sure": "confidence",
        "Cost and Δ": "plane",
        "Whole path": "path",
    },
    "storage_section": {
        "Results": "results",
        "Training and deployment": "pictures",
        "Response time": "response",
        "Paper": "paper",
    },
    "studies_section": {
        "On disk": "disk",
        "Create a study": "create",
        "Engine": "engine",
        "Clean up": "cleanup",
    },
    "unit": {"Parameters": "parameters", "MACs": "macs", "Bytes": "bytes", "Latency": "latency"},
    "cut": {"all found": "all", "by hand": "hand", "manual": "hand"},
    "order": {"Study": "study", "Cluster": "cluster", "Similarity": "similarity"},
    "order_over": {"All depths": "all", "Each depth": "each"},
    "evidence": {"Recombined networks": "recombined", "Features (RSA)": "features", "Own file": "file"},
    "eigenvector": {"Ratios (AHP)": "ahp", "Wins (raw)": "raw"},
    "distance": {"Cosine": "cosine", "1 − A": "one-minus", "1 − A/max": "max"},
    "own_kind": {"Affinities": "affinity", "Distances": "distance"},
    "picture": {"Training": "training", "Deployment": "deployment"},
    "page_cache": {"Warm": "warm", "Cold": "cold"},
    "time_axis": {"Linear": "linear", "Logarithmic": "log"},
    "what": {
        "Layouts": "layouts",
        "Two-task table": "table",
        "Measure next": "next",
        "Affinity": "affinity",
        "Single tasks": "singles",
        "TreeDNN": "tree",
    },
    "which": {"The one shown": "shown", "Shown and pinned": "pinned", "A sample": "sample", "All": "all"},
}
