# One command for each of three outputs, which decodes what it needs.
ff -i "$SOURCE" -map 0:v:0 -vf "$(every "$SECONDS_LONG/20"),zscale=w=640:h=360:filter=bicubic" \
    -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg"
ff -i "$SOURCE" -map 0:v:0 -vf "$(every "$SECONDS_LONG/100"),zscale=w=228:h=128:filter=bicubic,tile=10x10" \
    -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sheet_%d.jpg"
ff -ss "$(awk "BEGIN { print $SECONDS_LONG / 10 }")" -i "$SOURCE" -map 0:v:0 -vf zscale=w=640:h=360:filter=bicubic \
    -frames:v 1 -q:v 2 "$OUT/cover.jpg"
