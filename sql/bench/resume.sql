-- Sends the requests that wait.
select net.resume()
