package kernel

// Embed sets y's rows to the rows of table that ids name.
func Embed[F Float](y, table []F, ids []int32, width int) {
	for i, id := range ids {
		copy(y[i*width:(i+1)*width], table[int(id)*width:])
	}
}

// EmbedTable is Embed's gradient by table.
func EmbedTable[F Float](dtable, dy []F, ids []int32, width int) {
	clear(dtable)
	for i, id := range ids {
		row := dtable[int(id)*width:][:width]
		for j, d := range dy[i*width:][:width] {
			row[j] += d
		}
	}
}
