package export

import "path/filepath"

// Entrypoint returns the entrypoint of the environment that a file, given by its
// absolute path, was exported from: what the nearest manifest.json in or above
// its directory tells that knows the file. known is false where there is none;
// what is called so but is no index of an export does not matter.
func Entrypoint(file string) (entrypoint string, known bool) {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		x, _, err := readIndex(dir)
		rel, unrelated := filepath.Rel(dir, file)
		if err == nil && unrelated == nil {
			if entrypoint, known := x[filepath.ToSlash(rel)]; known {
				return entrypoint, true
			}
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}
