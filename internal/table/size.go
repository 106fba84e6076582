package table

// Size returns the bytes that DynamoDB counts for the item: the names and the
// values of its attributes and its key. [MaxItem] bounds it.
func (i Item) Size() int {
	n := len("pk") + len(i.PK) + len("sk") + len(i.SK)
	for name, value := range i.Attrs {
		n += len(name) + valueSize(value)
	}
	return n
}

func valueSize(value any) int {
	switch v := value.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case int64:
		return intSize(v)
	}
	return 0
}

// intSize is a byte for every two decimal digits without the trailing zeros,
// one for the exponent and one for a minus sign (measured with Amazon
// DynamoDB Local 3.3.1; AWS documents an approximation).
func intSize(n int64) int {
	size := 1
	if n < 0 {
		size++
	}
	for n != 0 && n%10 == 0 {
		n /= 10
	}
	digits := 0
	for ; n != 0; n /= 10 {
		digits++
	}
	return size + (digits+1)/2
}

// ReadUnits returns what it costs to read size bytes at once; reading nothing
// costs as much as reading one small item.
func ReadUnits(size int, c Consistency) float64 {
	units := float64(max(1, (size+4095)/4096))
	if c == Consistent {
		return units
	}
	return units / 2
}

// WriteUnits returns what a write costs, given the item's size before and
// after it (0: no item).
func WriteUnits(before, after int) float64 {
	return float64(max(1, (max(before, after)+1023)/1024))
}
