# The service, without root; migrations and loading are steps of their own (docs/deploying.md).
# Any base with Python 3.11 or newer, pip and useradd will do: packages go into a folder of their own.
ARG PYTHON_IMAGE=docker.io/library/python:3.12-slim
# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS service

# With it, compiled files name their source by its hash: same bytes each time, valid with `--timestamp`.
ARG SOURCE_DATE_EPOCH=0
ENV PATH=/opt/workplan/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/workplan
COPY requirements.txt ./
RUN python3 -m venv --system-site-packages --without-pip /opt/workplan \
    && /opt/workplan/bin/python3 -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && find /opt/workplan -type d -name tests -prune -exec rm -r {} + \
    && useradd --system --no-log-init --uid 10001 --home-dir /srv/workplan workplan \
    && mkdir var \
    && chown workplan var
COPY pyproject.toml ./
COPY app app
COPY migrations migrations
COPY seed seed
USER 10001
VOLUME /srv/workplan/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["python3", "-m", "app", "serve", "--host", "0.0.0.0"]

# What loading needs besides, to compare plans; a service without it serves what is stored.
FROM service
ARG SOURCE_DATE_EPOCH=0
COPY requirements-loader.txt ./
USER 0
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-loader.txt \
    && find /opt/workplan -type d -name tests -prune -exec rm -r {} +
USER 10001
CMD ["sh", "-c", "{ python3 -m seed load --migrate || test $? -eq 3; } && exec python3 -m app serve --host 0.0.0.0"]
