package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mop-platform/mop/internal/message"
)

// gitHub writes workflow commands.
type gitHub struct {
	w       io.Writer
	several bool
}

// GitHub returns a Writer of workflow commands of GitHub Actions. Each finding is one,
// which GitHub shows at the file and line
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). As for
// [Text], later findings can be another record.
func GitHub(w io.Writer, o Options) Writer { return gitHub{w, o.Several} }

func (g gitHub) Write(records ...Record) error {
	for _, r := range records {
		if err := g.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (g gitHub) write(r Record) error {
	var b bytes.Buffer
	for _, i := range r.issues() {
		fmt.Fprintf(&b, "::%s", i.severity)
		separator := " "
		property := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "%s%s=%s", separator, name, escapeProperty(value))
				separator = ","
			}
		}
		if i.at.IsFile() {
			property("file", i.at.File)
			property("line", fmt.Sprint(max(i.at.Line, 1)))
		}
		property("title", r.title(g.several))
		fmt.Fprintf(&b, "::%s\n", escapeData(i.messageAndRelated()))
	}
	if b.Len() == 0 {
		return nil
	}
	_, err := g.w.Write(b.Bytes())
	return err
}

func (g gitHub) Close() error { return nil }

// escapeData and escapeProperty encode text after and before the colons as the runner
// expects it. The decoded text goes to a log that people read.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(message.Escape(s))
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(message.Escape(s))
}
