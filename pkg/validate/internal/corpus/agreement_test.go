package corpus_test

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
	"github.com/mop-platform/mop/pkg/validate/internal/corpus"
)

var update = flag.Bool("update", false, "write the table of docs/validation.md")

// untrue are the manifests on which the recorded verdicts differ from those of a cluster,
// and why.
var untrue = map[string]string{
	"Service nodeport number 2 spec.ports.0.nodePort": "a dry run allocates no port: a creation is refused whatever range of ports the cluster has",
}

// TestAgreement compares the validator with the verdicts of the real kube-apiserver of each
// release with schemas. Both see each manifest alone.
func TestAgreement(t *testing.T) {
	all := manifests(t)
	records, err := corpus.ReadRecords(os.DirFS("verdicts"), all)
	require.NoError(t, err)
	var releases []schema.Minor
	for _, record := range records {
		releases = append(releases, schema.Minor(record.Minor()))
	}
	assert.Equal(t, schema.Minors(), releases)
	objects := make([]manifest.Document, len(all))
	for i, m := range all {
		documents, found, err := manifest.Parse(t.Context(), m.How, m.Object)
		require.NoError(t, err)
		require.NoError(t, found.Err(), m.How)
		objects[i] = documents[0]
	}
	// All data except the objects is garbage after one check.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	table := "| release | server | takes | of these refused | refuses | of these caught | agreement |\n| --- | --- | --- | --- | --- | --- | --- |\n"
	told := 0
	for _, record := range records {
		t.Run(record.Release(), func(t *testing.T) {
			v, err := validate.New(validate.Config{Release: schema.Minor(record.Minor()).String()})
			require.NoError(t, err)
			var good, refused, bad, caught int
			for i, o := range objects {
				if untrue[all[i].How] != "" {
					continue
				}
				report, err := v.Check(t.Context(), o)
				require.NoError(t, err)
				valid := report.OK()
				switch {
				case record.Refusals[i] == "" && valid:
					good++
					continue
				case record.Refusals[i] == "":
					good, refused = good+1, refused+1
				case !valid:
					bad, caught = bad+1, caught+1
					continue
				default:
					bad++
				}
				t.Logf("%s: the server: %q; mop: %v", all[i].How, record.Refusals[i], report.Results[0].Diagnostics())
			}
			agreement := 100 * float64(good-refused+caught) / float64(good+bad)
			assert.GreaterOrEqual(t, agreement, 99.5)
			assert.Zero(t, refused, "good ones refused")
			told++
			table += fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %.2f %% |\n", record.Release(), record.Version, good, refused, bad, caught, agreement)
		})
	}
	if told == len(records) { // not with -run of some
		page.Hold(t, *update, "../../../../docs/validation.md", "agreement", table)
	}
}
