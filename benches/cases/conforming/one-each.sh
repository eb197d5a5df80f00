# The rung encoded.
ff -i "$SOURCE" -map 0:v:0 -c:v libx264 -preset medium -profile:v high -b:v 3000k -maxrate 4500k -bufsize 6000k \
    -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 -movflags +faststart "$OUT/top.mp4"
