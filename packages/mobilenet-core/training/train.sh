#!/bin/sh
# From nothing to weights: see README.md. Run in packages/mobilenet-core; the argument is a folder for frames and checkpoints.
set -eu
out=${1:?usage: training/train.sh FOLDER}
# One thread a process: two of them wait for each other at every layer, which costs more than it gains where cores are shared.
export OMP_NUM_THREADS=1
data="--data $out/train --check $out/check"
learn="/usr/bin/python3 training/train.py $data"

node training/dump.mjs --out "$out/train" --seed 1 --frames 32000
node training/dump.mjs --out "$out/check" --seed 2 --frames 1600

# The two smallest from nothing: pieces of the frames of 224 first, cell by cell; then whole frames at every rho.
crops="--crops --rhos 224:1 --batch 16"
$learn --out "$out/0.25-crops" --alpha 0.25 --images 150000 --stop 104000 --rate 3e-3 $crops
$learn --out "$out/0.5-crops" --alpha 0.5 --images 150000 --stop 72000 --rate 2.5e-3 $crops
$learn --out "$out/0.25-plain" --alpha 0.25 --images 70000 --rate 2e-3 --start "$out/0.25-crops/checkpoint.pt"
$learn --out "$out/0.5-plain" --alpha 0.5 --images 64000 --rate 1.5e-3 --start "$out/0.5-crops/checkpoint.pt"

# The two largest start as wider copies of alpha 0.5.
for alpha in 0.75 1.0; do
  /usr/bin/python3 training/widen.py --checkpoint "$out/0.5-plain/checkpoint.pt" --alpha $alpha --out "$out/$alpha-start.pt"
  $learn --out "$out/$alpha-plain" --alpha $alpha --images 15000 --rate 8e-4 --cells 0.5 --start "$out/$alpha-start.pt"
done

# The smallest once more, with as many frames, towards what alpha 0.5 says of each.
/usr/bin/python3 training/teacher.py --data "$out/train" --checkpoint "$out/0.5-plain/checkpoint.pt" --rho 192 --out "$out/teacher-0.5.npy"
$learn --out "$out/0.25-distilled" --alpha 0.25 --images 70000 --rate 2e-3 --start "$out/0.25-crops/checkpoint.pt" \
  --teacher "$out/teacher-0.5.npy"

# The largest goes on for longer than any other, and teaches the one below it.
again="$learn --alpha 1 --cells 0.3"
$again --out "$out/1.0-again" --images 8000 --rate 6e-4 --start "$out/1.0-plain/checkpoint.pt" --rhos 96:1,128:1,160:1,192:1,224:2
$again --out "$out/1.0-long" --images 54000 --rate 8e-4 --start "$out/1.0-again/checkpoint.pt" --rhos 96:1,128:1,160:1,192:1,224:1.6
/usr/bin/python3 training/teacher.py --data "$out/train" --checkpoint "$out/1.0-long/checkpoint.pt" --rho 224 --out "$out/teacher-1.npy"
$learn --out "$out/0.75-distilled" --alpha 0.75 --images 30000 --rate 8e-4 --cells 0.3 --start "$out/0.75-plain/checkpoint.pt" \
  --teacher "$out/teacher-1.npy"

for name in 0.25-distilled 0.5-plain 0.75-distilled 1.0-long; do
  /usr/bin/python3 training/export.py --checkpoint "$out/$name/checkpoint.pt" --out "$out/$name.bin"
  node training/pack.mjs --in "$out/$name.bin" --out "weights/inspection-line-${name%-*}.weights" --frames 2000 \
    --provenance "Alpharho's own training on its built-in inspection line (training/README.md)"
done
