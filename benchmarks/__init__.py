"""What a training step costs, beside the course's loop on the same batches; `make bench` runs all of it.

`report_loop` → `joey` → `ways` → `memory` → `steps` → `children`: one training step, done in several ways, measured.
`arithmetic` → `gemm`: how fast the matrix products alone could be. `settings`, `tables`, `pictures`: what goes in and
out. `training_step` and `growth` are the two programs of `make bench`; `profile_step` shows where time goes, and
`precision` compares studies in float32 and bfloat16.
"""

import os

os.environ.setdefault("KINETO_LOG_LEVEL", "5")  # torch's profiler counts memory here, and need not say so each time
