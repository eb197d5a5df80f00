# One command for everything: decoded once and split, but every rendition encoded for itself.
video() { # BITRATE MAXIMUM BUFFER
    echo "-c:v libx264 -preset medium -profile:v high -b:v ${1}k -maxrate ${2}k -bufsize ${3}k
        -g 240 -keyint_min 240 -sc_threshold 0 -flags +cgop -threads 1"
}
aac='-c:a aac -b:a 48k -ac 2' mp3='-c:a libmp3lame -b:a 48k -ac 2'
hls() { # FOLDER
    mkdir -p "$OUT/$1"
    echo "-f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 10 -hls_segment_filename $OUT/$1/%05d.ts $OUT/$1/index.m3u8"
}
low=$(video 256 384 512) middle=$(video 512 768 1024) high=$(video 1024 1536 2048)
scale() { echo "zscale=w=-2:h=$1:filter=bicubic,setsar=1,split=3"; }

ff -i "$SOURCE" -filter_complex "
    [0:v:0]split=3[film][many][first];
    [film]fps=24:start_time=0:round=near,split=3[x][y][z];
    [x]$(scale 180)[x1][x2][x3]; [y]$(scale 360)[y1][y2][y3]; [z]$(scale 720)[z1][z2][z3];
    [0:a:0]aresample=44100:async=1:first_pts=0,asplit=9[a1][a2][a3][a4][a5][a6][a7][a8][a9];
    [many]$(every "$SECONDS_LONG/10")[samples]; [first]trim=end_frame=1[cover]" \
    -map '[x1]' -map '[a1]' $low $aac -movflags +faststart "$OUT/180.mp4" \
    -map '[y1]' -map '[a2]' $middle $aac -movflags +faststart "$OUT/360.mp4" \
    -map '[z1]' -map '[a3]' $high $aac -movflags +faststart "$OUT/720.mp4" \
    -map '[x2]' -map '[a4]' $low $aac $(hls 180) \
    -map '[y2]' -map '[a5]' $middle $aac $(hls 360) \
    -map '[z2]' -map '[a6]' $high $aac $(hls 720) \
    -map '[x3]' -map '[a7]' $low $mp3 "$OUT/180.flv" \
    -map '[y3]' -map '[a8]' $middle $mp3 "$OUT/360.flv" \
    -map '[z3]' -map '[a9]' $high $mp3 "$OUT/720.flv" \
    -map '[samples]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg" \
    -map '[cover]' -q:v 2 "$OUT/cover.jpg"
