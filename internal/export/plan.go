package export

import (
	"io/fs"
	"slices"
	"strings"
)

// entry is a file, folder or other thing in the directory.
type entry struct {
	name string // slash-separated, below the directory
	info fs.FileInfo
}

// plan says what happens to the directory's old content.
type plan struct {
	// kept are the entries that stay, parents before children. A folder stays unless all
	// its content is removed.
	kept []entry
	// removed are the files that are removed and not written again, sorted.
	removed []string
	// emptied are the folders that are removed, children before parents.
	emptied []string
	// index is the new index.
	index Index
	// unclear counts by entrypoint the files that stay because their environment is
	// unknown.
	unclear map[string]int
}

// newPlan makes a plan for the entries of a directory, parents before children. old is the
// directory's index, r has the sources whose files are removed, and s has the new files.
func newPlan(entries []entry, old Index, r replaced, s *spool, skipManifest bool) plan {
	p := plan{index: Index{}, unclear: map[string]int{}}
	lost, used := map[string]bool{}, map[string]bool{} // the folders of removed files, and of kept or new ones
	for dir := range s.dirs {
		used[dir] = true
	}
	wanted := map[string]string{} // the entrypoints of the new files
	for _, c := range s.claims {
		wanted[c.file] = c.source.Entrypoint
	}
	goes := func(e entry) bool {
		source, known := old[e.name]
		if !known || e.name == indexFile || e.name == recordFile {
			return false
		}
		return r.has(source) || r.unclear(source) && wanted[e.name] == source.Entrypoint
	}
	for _, e := range entries {
		if e.info.IsDir() {
			continue
		}
		folders := used
		if goes(e) {
			folders = lost
		}
		for dir := range parents(e.name) {
			folders[dir] = true
		}
	}
	for _, e := range entries {
		switch {
		case e.info.IsDir():
			if lost[e.name] && !used[e.name] {
				p.emptied = append(p.emptied, e.name)
				continue
			}
		case (e.name == indexFile || e.name == recordFile) && !skipManifest:
			continue
		case goes(e):
			if !s.files[e.name] {
				p.removed = append(p.removed, e.name)
			}
			continue
		default:
			if source, known := old[e.name]; known {
				p.index[e.name] = source
				if r.unclear(source) {
					p.unclear[source.Entrypoint]++
				}
			}
		}
		p.kept = append(p.kept, e)
	}
	slices.Reverse(p.emptied)
	slices.SortFunc(p.removed, strings.Compare)
	for _, c := range s.claims {
		p.index[c.file] = c.source
	}
	return p
}
