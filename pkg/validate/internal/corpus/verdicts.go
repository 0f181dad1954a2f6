package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Record has the verdicts of the server of a release on the corpus.
type Record struct {
	// Version is the server's version, with its patch.
	Version string
	// Refusals are its messages by the manifests' IDs, "" for manifests that it accepts.
	Refusals []string
}

// ReadRecords reads the records of a directory, in the order of the releases. They must be
// about these manifests.
func ReadRecords(dir fs.FS, manifests []Manifest) ([]Record, error) {
	files, err := fs.Glob(dir, "*.gz")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b string) int { return minor(a) - minor(b) })
	var all []Record
	before := nothing(manifests)
	for _, file := range files {
		compressed, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, err
		}
		r, err := parse(compressed, sum(manifests), before)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, r)
		before = r
	}
	return all, nil
}

// Files returns the files of records by their names. The records must be in the order of
// the releases. Each file holds the differences from the one before it.
func Files(records []Record, manifests []Manifest) (map[string][]byte, error) {
	files := map[string][]byte{}
	before := nothing(manifests)
	for _, r := range records {
		data, err := r.file(sum(manifests), before)
		if err != nil {
			return nil, err
		}
		files[r.Release()+".gz"] = data
		before = r
	}
	return files, nil
}

// nothing is the record before the first one: it refuses nothing.
func nothing(manifests []Manifest) Record {
	return Record{Version: "nothing", Refusals: make([]string, len(manifests))}
}

// Release is the version of the server without its patch.
func (r Record) Release() string {
	return strings.TrimSuffix(r.Version, path.Ext(r.Version))
}

// minor returns N for "1.N" and "1.N.gz".
func minor(file string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(file, "1."), ".gz"))
	return n
}

// sum is a checksum of manifests.
func sum(manifests []Manifest) string {
	h := sha256.New()
	for _, m := range manifests {
		h.Write(m.Object)
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// A file's first line is "VERSION BEFORE MANIFESTS SUM". Each further line is "ID REFUSAL",
// with the refusal as JSON, if it differs from that of the version before.
func (r Record) file(sum string, before Record) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(w, r.Version, before.Version, len(r.Refusals), sum)
	for id, refusal := range r.Refusals {
		if refusal == before.Refusals[id] {
			continue
		}
		text, err := json.Marshal(refusal)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(w, "%d %s\n", id, text)
	}
	err = w.Close()
	return b.Bytes(), err
}

func parse(compressed []byte, want string, before Record) (Record, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return Record{}, err
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	first := strings.Fields(lines.Text())
	if n := len(before.Refusals); len(first) != 4 || first[2] != strconv.Itoa(n) || first[3] != want {
		return Record{}, fmt.Errorf("want the verdicts on %d manifests with the sum %s, got %q: make record", n, want, lines.Text())
	}
	if first[1] != before.Version {
		return Record{}, fmt.Errorf("want what differs from %s, got from %s", before.Version, first[1])
	}
	r := Record{Version: first[0], Refusals: slices.Clone(before.Refusals)}
	for lines.Scan() {
		number, text, _ := strings.Cut(lines.Text(), " ")
		id, err := strconv.Atoi(number)
		if err != nil || id < 0 || id >= len(r.Refusals) {
			return Record{}, fmt.Errorf("want a manifest's number below %d, got %q", len(r.Refusals), number)
		}
		if err := json.Unmarshal([]byte(text), &r.Refusals[id]); err != nil {
			return Record{}, err
		}
	}
	return r, lines.Err()
}

// Compare orders records by their releases.
func (r Record) Compare(o Record) int { return r.Minor() - o.Minor() }

// Minor is N of Kubernetes 1.N.
func (r Record) Minor() int { return minor(r.Release()) }
