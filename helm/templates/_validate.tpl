{{- /* What contradicts itself is refused with a sentence, before anything is rendered. */ -}}
{{- define "pgnetty.validate" -}}
{{- $v := .Values -}}
{{- $_ := required "database.existingSecret is required: the name of a secret that holds the database's URL" $v.database.existingSecret -}}
{{- if and $v.database.url $v.database.keys.host }}
{{- fail "database.url and database.keys.host are two ways to say where the database is: set one of them" }}
{{- end }}
{{- if and $v.database.url (not $v.database.passwordKey) }}
{{- fail "database.url needs database.passwordKey: the secret's key that holds the password" }}
{{- end }}
{{- if and $v.database.passwordKey (not $v.database.url) }}
{{- fail "database.passwordKey needs database.url; without it the whole URL is in database.urlKey" }}
{{- end }}
{{- if regexMatch "://[^/@]*:[^/@]+@" (printf "%s %s" $v.database.url $v.install.url) }}
{{- fail "database.url and install.url have no password: it would be readable in the Deployment; it is in the secret, under database.passwordKey" }}
{{- end }}
{{- if and $v.install.enabled $v.database.url $v.install.existingSecret (not $v.install.url) }}
{{- fail "install.existingSecret with database.url needs install.url: the URL of the role that owns the schema" }}
{{- end }}
{{- if and $v.install.url (not $v.database.url) }}
{{- fail "install.url needs database.url; without it install.existingSecret has the whole URL" }}
{{- end }}
{{- if and (not $v.database.keys.host) (or $v.database.keys.port $v.database.keys.name $v.database.keys.user $v.database.keys.password) }}
{{- fail "database.keys needs database.keys.host: without it the whole URL is in database.urlKey" }}
{{- end }}
{{- if and $v.database.ca.existingSecret $v.database.ca.existingConfigMap }}
{{- fail "database.ca.existingSecret and database.ca.existingConfigMap exclude each other" }}
{{- end }}
{{- if and (or $v.database.ca.existingSecret $v.database.ca.existingConfigMap) (has $v.database.sslmode (list "disable" "allow" "prefer")) }}
{{- fail (printf "database.ca checks nothing with database.sslmode %s: leave it empty, which is verify-full" $v.database.sslmode) }}
{{- end }}
{{- if and $v.image.tag $v.image.digest }}
{{- fail "image.tag and image.digest exclude each other" }}
{{- end }}
{{- if and $v.autoscaling.enabled $v.keda.enabled }}
{{- fail "autoscaling.enabled and keda.enabled exclude each other: KEDA makes a HorizontalPodAutoscaler of its own" }}
{{- end }}
{{- if and $v.autoscaling.enabled (not $v.autoscaling.targetCPUUtilizationPercentage) (not $v.autoscaling.metrics) }}
{{- fail "autoscaling.enabled needs autoscaling.targetCPUUtilizationPercentage or autoscaling.metrics" }}
{{- end }}
{{- range $name := list "autoscaling" "keda" }}
{{- $scale := index $v $name }}
{{- if and $scale.enabled (gt (int $scale.minReplicas) (int $scale.maxReplicas)) }}
{{- fail (printf "%s.minReplicas is above %s.maxReplicas" $name $name) }}
{{- end }}
{{- end }}
{{- if and $v.keda.enabled (not $v.keda.existingSecret) }}
{{- fail "keda.enabled needs keda.existingSecret: a secret with the connection of a role made with install --monitor" }}
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled $v.metrics.podMonitor.enabled }}
{{- fail "metrics.serviceMonitor.enabled and metrics.podMonitor.enabled exclude each other: each would scrape every bridge" }}
{{- end }}
{{- if and (not $v.admin.existingSecret) (or $v.admin.tlsSecret $v.admin.hosts) }}
{{- fail "admin.tlsSecret and admin.hosts need admin.existingSecret: without a token the page is on the pod's loopback alone" }}
{{- end }}
{{- if eq (int $v.admin.port) (int $v.service.port) }}
{{- fail "admin.port and service.port must differ" }}
{{- end }}
{{- range $key, $value := dict "admin-token-file" $v.admin.existingSecret "admin-host" $v.admin.existingSecret "admin-tls-cert" $v.admin.tlsSecret "admin-tls-key" $v.admin.tlsSecret "secrets-dir" $v.secretsFrom "tls-ca" $v.targetTls.ca.existingSecret "tls-hosts" $v.targetTls.hosts }}
{{- if and $value (hasKey $v.config $key) }}
{{- fail (printf "config.%s is set, and another value of the chart sets it as well: remove one of them (values.yaml says which sets --%s)" $key $key) }}
{{- end }}
{{- end }}
{{- end -}}
