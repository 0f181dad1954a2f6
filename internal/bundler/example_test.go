package bundler_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/internal/bundler"
)

func Example() {
	root, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	declared := `{"version": 1, "dependencies": [{"source": {"local": {"directory": "own"}}, "version": ""}]}`
	_ = os.Mkdir(filepath.Join(root, "own"), 0o777)
	_ = os.WriteFile(filepath.Join(root, bundler.File), []byte(declared), 0o666)

	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet"})
	if _, err := b.Install(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	report, err := b.Check(context.Background())
	for _, p := range report.Packages {
		fmt.Println(p.Name, p.State, err)
	}
	// Output: own linked <nil>
}
