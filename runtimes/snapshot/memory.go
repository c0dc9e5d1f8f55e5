package snapshot

// memory is the linear memory of a pooled instance, which starts as the image.
type memory interface {
	// restore puts the image's bytes back; the size must be the image's still.
	restore() error
}
