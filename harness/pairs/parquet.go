package pairs

import (
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/trainer/mask"
)

// columns writes rows as Parquet, in the columns that the lines of JSON have:
// what reads one reads the other.
type columns interface {
	add(Row) error
	close() error
}

// columnsOf are the columns, with texts of a form. A span is a list of two numbers.
type columnsOf[T any] struct {
	Version           int64     `parquet:"version"`
	ID                string    `parquet:"id"`
	Prompt            T         `parquet:"prompt"`
	Chosen            T         `parquet:"chosen"`
	Rejected          T         `parquet:"rejected"`
	ChosenSpans       [][]int64 `parquet:"chosen_spans,list"`
	RejectedSpans     [][]int64 `parquet:"rejected_spans,list"`
	TaskID            string    `parquet:"task_id"`
	Sample            int64     `parquet:"sample"`
	ChosenIteration   int64     `parquet:"chosen_iteration"`
	RejectedIteration int64     `parquet:"rejected_iteration"`
	RejectedVerdict   string    `parquet:"rejected_verdict"`
}

type messageColumn struct {
	Role    string `parquet:"role"`
	Content string `parquet:"content"`
}

type columnWriter[T any] struct {
	out  *parquet.GenericWriter[columnsOf[T]]
	form func(who model.Role, text string) T
}

// groupRows is how many rows are kept together, and in memory until then.
const groupRows = 1000

func newColumns(w io.Writer, f Format) columns {
	if f == Conversational {
		return newColumnWriter(w, func(who model.Role, text string) []messageColumn {
			return []messageColumn{{string(who), text}}
		})
	}
	return newColumnWriter(w, func(_ model.Role, text string) string { return text })
}

func newColumnWriter[T any](w io.Writer, form func(model.Role, string) T) *columnWriter[T] {
	out := parquet.NewGenericWriter[columnsOf[T]](w, parquet.Compression(&zstd.Codec{}),
		parquet.MaxRowsPerRowGroup(groupRows), parquet.CreatedBy("assay", "pairs", "1"))
	return &columnWriter[T]{out, form}
}

func (c *columnWriter[T]) add(r Row) error {
	_, err := c.out.Write([]columnsOf[T]{{
		Version: int64(r.Version), ID: r.ID,
		Prompt: c.form(model.User, r.Prompt), Chosen: c.form(model.Assistant, r.Chosen), Rejected: c.form(model.Assistant, r.Rejected),
		ChosenSpans: lists(r.ChosenSpans.Spans), RejectedSpans: lists(r.RejectedSpans.Spans),
		TaskID: r.TaskID, Sample: int64(r.Sample),
		ChosenIteration: int64(r.ChosenIteration), RejectedIteration: int64(r.RejectedIteration), RejectedVerdict: string(r.RejectedVerdict),
	}})
	return err
}

func (c *columnWriter[T]) close() error { return c.out.Close() }

func lists(spans []mask.Span) [][]int64 {
	out := make([][]int64, len(spans))
	for i, s := range spans {
		out[i] = []int64{int64(s.Start), int64(s.End)}
	}
	return out
}
