package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Check returns a sentence for each way in which the graph breaks the rules.
func Check(g Graph) []string {
	var found []string
	for _, pkg := range g.packages() {
		if name := emptyName(pkg); name != "" {
			found = append(found, fmt.Sprintf("%s: the name %q says nothing", pkg, name))
		}
		found = append(found, g.checkLayer(pkg)...)
		found = append(found, g.checkBarriers(pkg)...)
		found = append(found, g.checkReservations(pkg)...)
	}
	return found
}

func emptyName(pkg string) string {
	for name := range strings.SplitSeq(pkg, "/") {
		if slices.Contains(empty, name) {
			return name
		}
	}
	return ""
}

// place is where a package is in the layers: the layer's index and the
// pattern that names it.
type place struct {
	layer   int
	pattern string
}

func placeOf(pkg string) (p place, ok bool) {
	for i, l := range layers {
		for _, pattern := range l.packages {
			if match(pattern, pkg) {
				return place{i, pattern}, true
			}
		}
	}
	return place{}, false
}

func (p place) mayImport(other place) bool {
	if p.layer != other.layer {
		return other.layer < p.layer
	}
	together := p.pattern == other.pattern && strings.HasSuffix(p.pattern, "/...")
	return together || layers[p.layer].peers
}

func (g Graph) checkLayer(pkg string) []string {
	from, ok := placeOf(pkg)
	if !ok {
		return []string{pkg + ": has no place in the layers"}
	}
	var found []string
	for _, imported := range g[pkg] {
		to, ok := placeOf(imported)
		if _, ours := g[imported]; ours && ok && !from.mayImport(to) {
			found = append(found, fmt.Sprintf("%s (%s) imports %s (%s)",
				pkg, layers[from.layer].name, imported, layers[to.layer].name))
		}
	}
	return found
}

func (g Graph) checkBarriers(pkg string) []string {
	var found []string
	for _, b := range barriers {
		if !matchAny(b.from, pkg) {
			continue
		}
		if way := g.way(pkg, b.to); way != nil {
			found = append(found, fmt.Sprintf("%s: %s", strings.Join(way, " imports "), b.why))
		}
	}
	return found
}

// way returns the shortest chain of imports from pkg to a package that
// matches, or nil.
func (g Graph) way(pkg string, to []string) []string {
	ways := [][]string{{pkg}}
	seen := map[string]bool{pkg: true}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		for _, imported := range g[way[len(way)-1]] {
			longer := append(slices.Clone(way), imported)
			if matchAny(to, imported) {
				return longer
			}
			if !seen[imported] {
				seen[imported] = true
				ways = append(ways, longer)
			}
		}
	}
	return nil
}

func (g Graph) checkReservations(pkg string) []string {
	var found []string
	for _, r := range reservations {
		for _, imported := range g[pkg] {
			if matchAny(r.imports, imported) && !matchAny(r.by, pkg) {
				found = append(found, fmt.Sprintf("%s imports %s, which is for %s", pkg, imported, strings.Join(r.by, ", ")))
			}
		}
	}
	return found
}

func matchAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, pkg) })
}

func match(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}
