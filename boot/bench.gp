# gnuplot: bench.svg from the tables that bench-report.py has left in dir.
set terminal svg noenhanced size 1200,440 dynamic background rgb 'white' font 'sans-serif,13'
set output out
set multiplot
set lmargin at screen 0.085
set rmargin at screen 0.4
set tmargin at screen 0.9
set bmargin at screen 0.18
set border 3
set tics nomirror out
set grid ytics lc rgb '#dddddd'

set title 'One write, overwrite mode'
set logscale xy
set xlabel 'bytes of a record'
set ylabel 'nanoseconds'
set xtics (8, 32, 64, 256, 1024, 4096)
set xrange [7:5000]
set yrange [3:*]
set key top left reverse Left samplen 1.5
plot dir.'/lengths.dat' using 1:7 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#999999' title 'ftrace', \
	'' using 1:6 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#e69f00' title 'relay_write, global buffer', \
	'' using 1:4 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#d55e00' title 'relay_write', \
	'' using 1:5 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#0072b2' title 'reserve, fill, commit', \
	'' using 1:3 with linespoints lw 2 pt 7 ps 0.5 lc rgb 'black' title 'stock __relay_write', \
	'' using 1:2 with linespoints lw 1 dt 2 lc rgb 'black' title 'memcpy alone'

unset logscale
unset key
unset ylabel
set title 'Ratio at 32 bytes, and what it may be' offset -18
set xlabel ''
set xrange [0:1.6]
set xtics 0.5
set yrange [*:*] reverse
set datafile separator "\t"
set style fill solid
set lmargin at screen 0.8
set rmargin at screen 0.98
set grid noytics xtics lc rgb '#dddddd'
stats dir.'/bars.dat' using 2 nooutput
set yrange [STATS_records-0.5:-0.5]
plot dir.'/bars.dat' using (0):0:(0):2:($0-0.3):($0+0.3):ytic(1) with boxxyerror lc rgb '#0072b2', \
	'' using 3:0:(0):(0.45) with vectors nohead lw 2 lc rgb '#d55e00', \
	'' using 3:0:(0):(-0.45) with vectors nohead lw 2 lc rgb '#d55e00'
unset multiplot
