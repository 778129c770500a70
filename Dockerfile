# The app on a CPU. Build: docker build -t torque-explorer .   Run: docker run -p 8501:8501 torque-explorer
FROM python:3.12-slim

# Options for pip, for example those of a CPU-only build of PyTorch (see docs/howto/hosting.md).
ARG PIP_OPTIONS=""
# Where the server listens; at run time: docker run -e STREAMLIT_SERVER_ADDRESS=... -e STREAMLIT_SERVER_PORT=...
ARG ADDRESS=0.0.0.0
ARG PORT=8501

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_ADDRESS=$ADDRESS \
    STREAMLIT_SERVER_PORT=$PORT \
    TORQUE_DATA=/data

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 explorer \
    && install -d -o explorer -g explorer /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir $PIP_OPTIONS -r requirements.txt
COPY .streamlit .streamlit
COPY torque_core torque_core
COPY pages pages
COPY assets assets
COPY app.py .

USER explorer
VOLUME /data
EXPOSE $PORT

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://localhost:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=4)"]

ENTRYPOINT ["python", "app.py"]
