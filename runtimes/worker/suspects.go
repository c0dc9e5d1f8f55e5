package worker

import "sync"

// suspects are the programs that ran when a child ended. One of them may be
// the reason, so each of them runs alone the next time: the one that ends
// another child then is found out, and the others lose nothing by it.
type suspects struct {
	alone sync.RWMutex // read: a job is under way; write: a suspect's

	mu     sync.Mutex
	deaths map[[32]byte]deaths
}

// deaths are the children that ended while a program ran.
type deaths struct {
	last  *child
	count int
}

// maxDeaths is how many children a program may end.
const maxDeaths = 2

// enter waits until a program may run, until leave is told with which child it
// ended, nil for none. Not ok: it may not run any more.
func (s *suspects) enter(id [32]byte) (leave func(died *child), ok bool) {
	count := s.count(id)
	if count >= maxDeaths {
		return nil, false
	}
	if count > 0 {
		s.alone.Lock()
	} else {
		s.alone.RLock()
	}
	return func(died *child) {
		s.settle(id, died)
		if count > 0 {
			s.alone.Unlock()
		} else {
			s.alone.RUnlock()
		}
	}, true
}

func (s *suspects) count(id [32]byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deaths[id].count
}

func (s *suspects) settle(id [32]byte, died *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch d := s.deaths[id]; {
	case died == nil:
		delete(s.deaths, id)
	case died != d.last: // else the same program ran twice there
		if s.deaths == nil {
			s.deaths = map[[32]byte]deaths{}
		}
		s.deaths[id] = deaths{died, d.count + 1}
	}
}
