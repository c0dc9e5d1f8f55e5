package wall

// Wall is one wall around a process.
type Wall struct {
	Name   string `json:"name"`
	Stands bool   `json:"stands"`
	About  string `json:"about"` // what it keeps out; or why it doesn't stand
}
