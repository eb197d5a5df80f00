# The physical limit: decoded and scaled once, each encode alone from raw pictures, sound once, copies. The raw pictures
# are written by a first part whose writing is counted too, so that the real limit is a little lower.
ff -i "$SOURCE" -filter_complex "[0:v:0]fps=25:start_time=0:round=near,split=4[a][b][c][d];
    [a]zscale=w=-2:h=360:filter=bicubic,setsar=1[x]; [b]zscale=w=-2:h=480:filter=bicubic,setsar=1[y];
    [c]zscale=w=-2:h=720:filter=bicubic,setsar=1[z]" \
    -map '[x]' -f yuv4mpegpipe "$OUT/360.y4m" -map '[y]' -f yuv4mpegpipe "$OUT/480.y4m" \
    -map '[z]' -f yuv4mpegpipe "$OUT/720.y4m" -map '[d]' -f yuv4mpegpipe "$OUT/1080.y4m"
ff -i "$SOURCE" -map 0:a:0 -af aresample=44100:async=1:first_pts=0 -c:a aac -b:a 64k -ac 2 "$OUT/sound.mp4"
rung() { # HEIGHT BITRATE MAXIMUM BUFFER
    ff -i "$OUT/$1.y4m" -c:v libx264 -preset veryfast -profile:v high -b:v "$2k" -maxrate "$3k" -bufsize "$4k" \
        -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 "$OUT/$1.mp4"
    mkdir -p "$OUT/$1"
    ff -i "$OUT/$1.mp4" -i "$OUT/sound.mp4" -map 0:v -map 1:a -c copy -f hls -hls_playlist_type vod -hls_list_size 0 \
        -hls_time 6 -hls_key_info_file "$KEYS/info" -hls_segment_filename "$OUT/$1/%05d.ts" "$OUT/$1/index.m3u8"
    rm "$OUT/$1.y4m"
}
rung 360 400 600 800
rung 480 800 1200 1600
rung 720 1800 2700 3600
rung 1080 3000 4500 6000
