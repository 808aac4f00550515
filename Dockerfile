# The site, and the proxy in front of it. Python packages are pinned by hash, images by version.
# Nothing is collected: static files are served from static/ and from the packages, under a path that
# holds their hash (chatsite/web/static_files.py).

FROM python:3.11.14-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/sotto
COPY requirements.txt ./
RUN /opt/sotto/bin/pip install --require-hashes --only-binary :all: -r requirements.txt

FROM caddy:2.10.2-alpine AS proxy
RUN install -d -m 0700 -o 10001 -g 10001 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

FROM python:3.11.14-slim-bookworm AS site
RUN groupadd --gid 10001 sotto \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin sotto \
    && install -d -m 0700 -o sotto -g sotto /data
WORKDIR /srv/sotto
COPY --from=packages /opt/sotto /opt/sotto
COPY manage.py ./
COPY chatsite chatsite
COPY accounts accounts
COPY rooms rooms
COPY messaging messaging
COPY summaries summaries
COPY templates templates
COPY static static
COPY deploy/ready.py deploy/compress.py deploy/
RUN /opt/sotto/bin/python -m compileall -q . \
    && /opt/sotto/bin/python deploy/compress.py static .cache/static
ENV PATH=/opt/sotto/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=chatsite.settings \
    HOST=0.0.0.0 \
    PORT=8000 \
    SOTTO_DATA=/data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "deploy/ready.py"]
CMD ["python", "manage.py", "serve"]
