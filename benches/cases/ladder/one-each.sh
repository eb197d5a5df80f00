# One command for each of seven outputs.
rung() { # HEIGHT BITRATE MAXIMUM BUFFER
    mkdir -p "$OUT/$1"
    ff -i "$SOURCE" -filter_complex "
        [0:v:0]fps=25:start_time=0:round=near,zscale=w=-2:h=$1:filter=bicubic,setsar=1[film];
        movie=$MARK,format=yuva420p[mark]; [mark][film]scale2ref=w=iw/10:h=ow/mdar[small][under];
        [under][small]overlay=x=W*0.98-w:y=H*0.02[v]; [0:a:0]aresample=44100:async=1:first_pts=0[a]" \
        -map '[v]' -map '[a]' -c:v libx264 -preset veryfast -profile:v high -b:v "$2k" -maxrate "$3k" -bufsize "$4k" \
        -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 -c:a aac -b:a 64k -ac 2 \
        -f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 6 -hls_key_info_file "$KEYS/info" \
        -hls_segment_filename "$OUT/$1/%05d.ts" "$OUT/$1/index.m3u8"
}
rung 360 400 600 800
rung 480 800 1200 1600
rung 720 1800 2700 3600
rung 1080 3000 4500 6000
ff -i "$SOURCE" -map 0:v:0 -frames:v 1 -q:v 2 "$OUT/cover.jpg"
ff -i "$SOURCE" -map 0:v:0 -vf "$(every "$SECONDS_LONG/10")" -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg"
ff -i "$SOURCE" -map 0:v:0 -vf "$(every "$SECONDS_LONG/100"),zscale=w=228:h=128:filter=bicubic,tile=10x10" \
    -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sheet_%d.jpg"
