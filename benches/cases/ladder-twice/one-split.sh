# One command for everything: decoded once and split, but every output encoded for itself.
coding() { # HEIGHT BITRATE MAXIMUM BUFFER NUMBER
    echo "-map [v$1_$5] -map [a$1_$5] -c:v libx264 -preset $PRESET -profile:v high -b:v ${2}k -maxrate ${3}k -bufsize ${4}k
        -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 -c:a aac -b:a 64k -ac 2"
}
both() { # HEIGHT BITRATE MAXIMUM BUFFER
    mkdir -p "$OUT/$1"
    echo "$(coding "$@" 1) -movflags +faststart $OUT/$1.mp4 $(coding "$@" 2) -f hls -hls_playlist_type vod
        -hls_list_size 0 -hls_time 6 -hls_segment_filename $OUT/$1/%05d.ts $OUT/$1/index.m3u8"
}
scaled() { echo "[f$1]zscale=w=-2:h=$1:filter=bicubic,setsar=1,split=2[v$1_1][v$1_2];"; }
ff -i "$SOURCE" -filter_complex "
    [0:v:0]fps=25:start_time=0:round=near,split=4[f360][f480][f720][f1080];
    $(scaled 360) $(scaled 480) $(scaled 720) $(scaled 1080)
    [0:a:0]aresample=44100:async=1:first_pts=0,asplit=8[a360_1][a360_2][a480_1][a480_2][a720_1][a720_2][a1080_1][a1080_2]" \
    $(both 360 400 600 800) $(both 480 800 1200 1600) $(both 720 1800 2700 3600) $(both 1080 3000 4500 6000)
