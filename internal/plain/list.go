package plain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mostLists is how deeply lists can be nested. No program nests them, and each level takes
// time and memory for the paths in it.
const mostLists = 100

// TooNested returns the problem of a list at a path if too many lists hold it, else "".
func TooNested(at []any) (problem string) {
	n := 0
	for ; len(at) >= 2 && n <= mostLists; n++ {
		if _, isIndex := at[len(at)-1].(int); !isIndex || at[len(at)-2] != "items" {
			break
		}
		at = at[:len(at)-2]
	}
	if n > mostLists {
		return fmt.Sprintf("lists in lists, more than %d deep", mostLists)
	}
	return ""
}

// Items returns the items of a list, as kubectl takes them (k8s.io/apimachinery,
// pkg/apis/meta/v1/unstructured, unstructuredJSONScheme), and false for an object that is
// no list. A list has a kind that ends in List, and items; null stands for no items. An
// item of a ConfigMapList without apiVersion and kind gets the list's apiVersion and the
// kind ConfigMap; any other item keeps its own. If the list cannot be read, problem says
// what is wrong with its field items.
//
// kubectl takes an object of any kind with items for a list. Here an object of another kind
// is no list, and a list can be an item.
func Items(value map[string]any) (items []any, problem string, ok bool) {
	kind, _ := value["kind"].(string)
	kind, ok = strings.CutSuffix(kind, "List")
	field, given := value["items"]
	if !ok || !given && kind != "" {
		// Kinds such as AllowList are no lists.
		return nil, "", false
	}
	items, isArray := field.([]any)
	switch {
	case !given || field != nil && !isArray:
		return nil, "want an array, " + Got(value, "items"), true
	case kind == "":
		return items, "", true
	}
	items = slices.Clone(items)
	for i, item := range items {
		object, isObject := item.(map[string]any)
		ownKind, _ := object["kind"].(string)
		ownVersion, _ := object["apiVersion"].(string)
		if !isObject || ownKind != "" || ownVersion != "" {
			continue
		}
		object = maps.Clone(object)
		object["kind"], object["apiVersion"] = kind, value["apiVersion"]
		items[i] = object
	}
	return items, "", true
}
