package main

import "fmt"

// counts adds up what was found, what is right and what was to be found.
type counts struct {
	hit, found, gold int
}

func (c *counts) add(found, gold map[[2]int]bool) {
	for span := range found {
		if gold[span] {
			c.hit++
		}
	}
	c.found += len(found)
	c.gold += len(gold)
}

func (c counts) f1() float64 {
	if c.found+c.gold == 0 {
		return 0
	}
	return 2 * float64(c.hit) / float64(c.found+c.gold)
}

func (c counts) note() string {
	return fmt.Sprintf("P %.3f R %.3f, %d wanted", ratio(c.hit, c.found), ratio(c.hit, c.gold), c.gold)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
