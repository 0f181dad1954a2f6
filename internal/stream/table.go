package stream

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/mop-platform/mop/internal/message"
)

// Columns returns the rows of a table as text.
func Columns(rows [][]string) []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = message.Cell(text)
		}
		// Writing to a buffer does not fail.
		_, _ = fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	_ = w.Flush()
	return b.Bytes()
}
