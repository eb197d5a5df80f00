# One command that decodes everything once.
ff -i "$SOURCE" -filter_complex "[0:v:0]split=3[a][b][c];
    [a]$(every "$SECONDS_LONG/20"),zscale=w=640:h=360:filter=bicubic[samples];
    [b]$(every "$SECONDS_LONG/100"),zscale=w=228:h=128:filter=bicubic,tile=10x10[sheets];
    [c]$(every "$SECONDS_LONG/10"),select=eq(n\\,1),zscale=w=640:h=360:filter=bicubic[cover]" \
    -map '[samples]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg" \
    -map '[sheets]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sheet_%d.jpg" \
    -map '[cover]' -fps_mode passthrough -frames:v 1 -q:v 2 "$OUT/cover.jpg"
