# The least that can be done by hand: decoded once, each of the five streams encoded once, one process that copies them
# into nine containers. Nothing is checked.
video() { # BITRATE MAXIMUM BUFFER
    echo "-c:v libx264 -preset medium -profile:v high -b:v ${1}k -maxrate ${2}k -bufsize ${3}k
        -g 240 -keyint_min 240 -sc_threshold 0 -flags +cgop -threads 1"
}
scale() { echo "zscale=w=-2:h=$1:filter=bicubic,setsar=1"; }

ff -i "$SOURCE" -filter_complex "
    [0:v:0]split=3[film][many][first];
    [film]fps=24:start_time=0:round=near,split=3[x][y][z];
    [x]$(scale 180)[x1]; [y]$(scale 360)[y1]; [z]$(scale 720)[z1];
    [0:a:0]aresample=44100:async=1:first_pts=0,asplit=2[a1][a2];
    [many]$(every "$SECONDS_LONG/10")[samples]; [first]trim=end_frame=1[cover]" \
    -map '[x1]' $(video 256 384 512) "$OUT/x.mp4" -map '[y1]' $(video 512 768 1024) "$OUT/y.mp4" \
    -map '[z1]' $(video 1024 1536 2048) "$OUT/z.mp4" \
    -map '[a1]' -c:a aac -b:a 48k -ac 2 "$OUT/a.mp4" -map '[a2]' -c:a libmp3lame -b:a 48k -ac 2 "$OUT/a.mp3" \
    -map '[samples]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg" \
    -map '[cover]' -q:v 2 "$OUT/cover.jpg"

copies() { # NUMBER NAME
    mkdir -p "$OUT/$2"
    echo "-map $1:v -map 3:a -c copy -movflags +faststart $OUT/$2.mp4
        -map $1:v -map 3:a -c copy -f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 10
            -hls_segment_filename $OUT/$2/%05d.ts $OUT/$2/index.m3u8
        -map $1:v -map 4:a -c copy $OUT/$2.flv"
}
ff -i "$OUT/x.mp4" -i "$OUT/y.mp4" -i "$OUT/z.mp4" -i "$OUT/a.mp4" -i "$OUT/a.mp3" \
    $(copies 0 180) $(copies 1 360) $(copies 2 720)
