# One command for everything: decoded once and split. This is as good as a single command gets.
rung() { # HEIGHT BITRATE MAXIMUM BUFFER
    mkdir -p "$OUT/$1"
    echo "-map [v$1] -map [a$1] -c:v libx264 -preset veryfast -profile:v high -b:v ${2}k -maxrate ${3}k -bufsize ${4}k
        -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 -c:a aac -b:a 64k -ac 2
        -f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 6 -hls_key_info_file $KEYS/info
        -hls_segment_filename $OUT/$1/%05d.ts $OUT/$1/index.m3u8"
}
marked() { # HEIGHT
    echo "[f$1]zscale=w=-2:h=$1:filter=bicubic,setsar=1[s$1]; movie=$MARK,format=yuva420p[m$1];
        [m$1][s$1]scale2ref=w=iw/10:h=ow/mdar[l$1][u$1]; [u$1][l$1]overlay=x=W*0.98-w:y=H*0.02[v$1];"
}
ff -i "$SOURCE" -filter_complex "
    [0:v:0]split=4[film][many][cells][first];
    [film]fps=25:start_time=0:round=near,split=4[f360][f480][f720][f1080];
    $(marked 360) $(marked 480) $(marked 720) $(marked 1080)
    [0:a:0]aresample=44100:async=1:first_pts=0,asplit=4[a360][a480][a720][a1080];
    [many]$(every "$SECONDS_LONG/10")[samples]; [first]trim=end_frame=1[cover];
    [cells]$(every "$SECONDS_LONG/100"),zscale=w=228:h=128:filter=bicubic,tile=10x10[sheets]" \
    $(rung 360 400 600 800) $(rung 480 800 1200 1600) $(rung 720 1800 2700 3600) $(rung 1080 3000 4500 6000) \
    -map '[cover]' -q:v 2 "$OUT/cover.jpg" \
    -map '[samples]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg" \
    -map '[sheets]' -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sheet_%d.jpg"
