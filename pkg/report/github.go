package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mop-platform/mop/pkg/message"
)

// WriteGitHub writes a workflow command of GitHub Actions for each finding,
// which it shows at the file and line
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
func WriteGitHub(w io.Writer, records []Record) error {
	b, titleOf := bufio.NewWriter(w), titles(records)
	for _, r := range records {
		for _, i := range r.issues() {
			fmt.Fprintf(b, "::%s", i.severity)
			separator := " "
			property := func(name, value string) {
				if value != "" {
					fmt.Fprintf(b, "%s%s=%s", separator, name, escapeProperty(value))
					separator = ","
				}
			}
			if i.at.IsFile() {
				property("file", i.at.File)
				property("line", fmt.Sprint(max(i.at.Line, 1)))
			}
			property("title", titleOf(r))
			fmt.Fprintf(b, "::%s\n", escapeData(i.messageAndRelated()))
		}
	}
	return b.Flush()
}

// escapeData and escapeProperty are how the runner expects text, after the
// colons and before them. What the runner decodes goes to a log that people read.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(message.Escape(s))
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(message.Escape(s))
}
