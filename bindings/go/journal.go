package sac

import (
	"encoding/json"
	"time"
)

// An Attempt describes one attempt of a call. A field that does not apply is zero.
type Attempt struct {
	// Status is the HTTP status. Error is the name of the code, if the attempt failed.
	Status int
	Error  string
	// RetriedBecause says why another attempt followed; DoneBecause says why none did.
	RetriedBecause string
	DoneBecause    string
	// Waited is the delay before the attempt. DelayFrom is its source: "backoff", "retry-after-ms",
	// "retry-after", "ratelimit-reset", "x-ratelimit-reset", "gate", "limiter".
	Waited    time.Duration
	DelayFrom string
	// ReusedConnection reports whether an earlier request had used the connection.
	ReusedConnection bool
	// The durations of the phases.
	Resolve, Connect, TLS, FirstByte, Total time.Duration
}

// Journal returns a description of each attempt of the call, in order. It is nil if the first attempt
// succeeded, unless [WithJournal] is set.
func (r *Response) Journal() []Attempt {
	var lines []struct {
		Status           int           `json:"status"`
		Error            string        `json:"error"`
		RetriedBecause   string        `json:"retried_because"`
		DoneBecause      string        `json:"done_because"`
		WaitedMS         time.Duration `json:"waited_ms"`
		DelayFrom        string        `json:"delay_from"`
		ReusedConnection bool          `json:"reused_connection"`
		ResolveUS        time.Duration `json:"resolve_us"`
		ConnectUS        time.Duration `json:"connect_us"`
		TLSUS            time.Duration `json:"tls_us"`
		FirstByteUS      time.Duration `json:"first_byte_us"`
		TotalUS          time.Duration `json:"total_us"`
	}
	if err := json.Unmarshal(r.JournalJSON(), &lines); err != nil {
		return nil // There is no journal; the library writes only valid ones.
	}
	attempts := make([]Attempt, 0, len(lines))
	for _, line := range lines {
		attempts = append(attempts, Attempt{
			Status:           line.Status,
			Error:            line.Error,
			RetriedBecause:   line.RetriedBecause,
			DoneBecause:      line.DoneBecause,
			Waited:           line.WaitedMS * time.Millisecond,
			DelayFrom:        line.DelayFrom,
			ReusedConnection: line.ReusedConnection,
			Resolve:          line.ResolveUS * time.Microsecond,
			Connect:          line.ConnectUS * time.Microsecond,
			TLS:              line.TLSUS * time.Microsecond,
			FirstByte:        line.FirstByteUS * time.Microsecond,
			Total:            line.TotalUS * time.Microsecond,
		})
	}
	return attempts
}

// JournalJSON returns the journal as the library writes it: a JSON array with an object for each attempt;
// nil if there is none.
func (r *Response) JournalJSON() json.RawMessage {
	if r.journal == "" {
		return nil
	}
	return json.RawMessage(r.journal)
}
