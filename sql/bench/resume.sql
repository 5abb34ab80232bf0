-- What waits is sent.
select net.resume()
