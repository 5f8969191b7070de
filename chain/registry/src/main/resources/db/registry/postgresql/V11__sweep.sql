-- For finding decisions that have ended, or were taken by other bindings, before somebody asks.
CREATE INDEX admission_by_end ON admission (valid_until) WHERE state = 'ADMITTED';
CREATE INDEX admission_by_epoch ON admission (epoch) WHERE state <> 'EVIDENCE';
