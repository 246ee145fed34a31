"""What a training step costs, beside the course's loop on the same batches; `make bench` runs all of it.

`report_loop` → `joey` → `ways` → `memory` → `steps` → `children`: one training step, done in several ways, measured.
`arithmetic` → `gemm`: how fast the matrix products alone could be. `settings`, `tables`, `pictures`: what goes in and
out. `training_step` and `growth` are the two programs.
"""
