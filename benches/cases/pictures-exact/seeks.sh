# One command for each picture, by seeking; the sheets are put together from their cells.
at() { awk "BEGIN { print $SECONDS_LONG * $1 / 100 }"; }
still() { # PERCENT SIZE FILE
    ff -ss "$(at "$1")" -i "$SOURCE" -map 0:v:0 -vf "zscale=$2:filter=bicubic" -frames:v 1 -q:v 2 -threads 1 "$3"
}
for percent in $(seq 0 5 95); do still "$percent" w=640:h=360 "$OUT/sample_$percent.jpg"; done
for percent in $(seq 0 99); do still "$percent" w=228:h=128 "$OUT/cell_$(printf %03d "$percent").bmp"; done
ff -framerate 1 -i "$OUT/cell_%03d.bmp" -vf tile=10x10 -q:v 2 "$OUT/sheet.jpg"
still 10 w=640:h=360 "$OUT/cover.jpg"
