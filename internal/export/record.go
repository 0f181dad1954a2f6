package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
)

// recordFile is the name of the file in the directory for data that has no place in
// manifest.json: the projects and the inline environments of the files. kubectl reads no
// files with such a name, because it has no known extension.
const recordFile = ".mop-manifest"

// recordVersion is the version of the record's format.
const recordVersion = 1

// record is the content of recordFile.
type record struct {
	Version      int                   `json:"version"`
	Environments []recordedEnvironment `json:"environments"`
}

type recordedEnvironment struct {
	Project     string   `json:"project,omitempty"`
	Entrypoint  string   `json:"entrypoint"`
	Environment string   `json:"environment,omitempty"`
	Files       []string `json:"files"`
}

// newRecord returns the record of the files of x with more data than manifest.json can
// hold. files are all files of x, sorted.
func newRecord(x Index, files []string) record {
	known := map[Source][]string{}
	for _, file := range files {
		if s := x[file]; s.known() {
			known[s] = append(known[s], file)
		}
	}
	r := record{Version: recordVersion, Environments: []recordedEnvironment{}}
	for _, s := range slices.SortedFunc(maps.Keys(known), Source.compare) {
		r.Environments = append(r.Environments, recordedEnvironment{s.Project, s.Entrypoint, s.Environment, known[s]})
	}
	return r
}

func (s Source) compare(other Source) int {
	return cmp.Or(
		cmp.Compare(s.Project, other.Project),
		cmp.Compare(s.Entrypoint, other.Entrypoint),
		cmp.Compare(s.Environment, other.Environment),
	)
}

// parseRecord parses a record. The positions of the diagnostics have no file.
func parseRecord(data []byte) (record, diag.List) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return record{}, diag.List{broken(data, err)}
	}
	if r.Version != recordVersion {
		return record{}, diag.List{{Problem: fmt.Sprintf("want version %d, got %d", recordVersion, r.Version)}}
	}
	return r, nil
}

// tell adds the data of r to the files of x. It skips a file for which manifest.json has
// another entrypoint, or none: Tanka has written there since.
func (r record) tell(x Index) {
	for _, e := range r.Environments {
		for _, file := range e.Files {
			if s, ok := x[file]; ok && s.Entrypoint == e.Entrypoint {
				x[file] = Source{e.Project, e.Entrypoint, e.Environment}
			}
		}
	}
}

// write writes the record into dir.
func (r record) write(dir string) error {
	data, err := json.MarshalIndent(r, "", "    ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, recordFile), append(data, '\n'), 0o644)
}
