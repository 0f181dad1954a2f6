package swap_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/internal/swap"
)

func ExampleExchange() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	err = errors.Join(os.MkdirAll(filepath.Join(a, "old"), 0o777), os.MkdirAll(filepath.Join(b, "new"), 0o777))
	if err == nil {
		err = errors.Join(swap.Flush(b), swap.Exchange(a, b))
	}
	entries, _ := os.ReadDir(a)
	fmt.Println(err, entries[0].Name())
	// Output: <nil> new
}
